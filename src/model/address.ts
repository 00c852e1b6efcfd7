/** Where a server listens. */
export type Address =
  | { readonly kind: 'off' }
  | { readonly kind: 'unix'; readonly path: string }
  /** Loopback alone. Port 0: the system chooses one. */
  | { readonly kind: 'tcp'; readonly host: '127.0.0.1' | '::1'; readonly port: number };

/** An address as a setting and the readiness line write it. */
export function addressText(address: Address): string {
  switch (address.kind) {
    case 'off':
      return 'off';
    case 'unix':
      return `unix:${address.path}`;
    case 'tcp':
      return authority(address);
  }
}

/** Host and port as they stand in a URL. */
export function authority({ host, port }: Extract<Address, { kind: 'tcp' }>): string {
  return host === '::1' ? `[::1]:${port}` : `${host}:${port}`;
}
