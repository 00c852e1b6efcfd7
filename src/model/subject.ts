/** Who asks. */
export interface Subject {
  readonly name: string;
  readonly groups: readonly string[];
  /** How we know: by client certificate, by token, or not at all. */
  readonly method: 'tls' | 'token' | 'none';
}

/** A caller of whom nothing is known: everybody on the daemon's unix socket. */
export const anonymous: Subject = {
  name: 'system:anonymous',
  groups: ['system:unauthenticated'],
  method: 'none',
};
