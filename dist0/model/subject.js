/** A caller of whom nothing is known: everybody on the daemon's unix socket. */
export const anonymous = {
    name: 'system:anonymous',
    groups: ['system:unauthenticated'],
    method: 'none',
};
