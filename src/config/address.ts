import { z } from 'zod';
import type { Address } from '../model/address.ts';

/** Only loopback: what is asked and answered there is not encrypted. */
const remedy =
  'write `127.0.0.1:PORT` or `[::1]:PORT`: only loopback, since it is not encrypted; reach it from elsewhere through ssh or a proxy with TLS';

const off: Address = { kind: 'off' };

/** Where the admin API listens: `unix:PATH`, `127.0.0.1:PORT`, `[::1]:PORT` or `off`. */
export const adminSchema = addressSchema(
  (text) => (text.startsWith('unix:') ? unix(text.slice('unix:'.length)) : tcp(text)),
  'an address is `unix:PATH`, `127.0.0.1:PORT`, `[::1]:PORT` or `off`',
);

/** Where the metrics are, alone: `127.0.0.1:PORT`, `[::1]:PORT` or `off`. */
export const metricsSchema = addressSchema(tcp, 'an address is `127.0.0.1:PORT`, `[::1]:PORT` or `off`');

/** The daemon that is asked: its unix socket, or `off`. */
export const dockerHostSchema = addressSchema((text) => {
  if (/^(?:tcp|ssh|https?|npipe|fd):/.test(text)) return { problem: localAlone };
  return /^unix:\/\/\//.test(text) ? unix(text.slice('unix://'.length)) : undefined;
}, "a daemon's socket is `unix:///PATH`, with three slashes; or `off`");

/** The daemon asks Bulwark through a socket of this host, so it has one for Bulwark too. */
const localAlone =
  'only a unix socket: write `unix:///PATH` of the daemon that asks Bulwark, which is on this host';

type Read = Address | { readonly problem: string } | undefined;

function addressSchema(read: (text: string) => Read, form: string) {
  return z.string().transform((text, context): Address => {
    const address = text === 'off' ? off : read(text);
    if (address !== undefined && !('problem' in address)) return address;
    context.addIssue({ code: 'custom', message: address?.problem ?? form });
    return z.NEVER;
  });
}

function unix(path: string): Read {
  return path === '' ? { problem: 'a path must not be empty' } : { kind: 'unix', path };
}

function tcp(text: string): Read {
  const [, name = '', digits] = /^(.*):(\d{1,5})$/s.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const port = Number(digits);
  if (port > 65_535) return { problem: 'a port is at most 65535' };
  if (name === '127.0.0.1') return { kind: 'tcp', host: name, port };
  return name === '[::1]' ? { kind: 'tcp', host: '::1', port } : { problem: remedy };
}
