/**
 * A checkpoint, on experimental daemons. The folder may be any of the host, and up to 29.7 the id may hold
 * `..`: create writes it, list shows it, delete removes it, all as root (E 20.10, S to 29.7).
 */
export function fromCheckpoint(id = '', dir = '') {
    return { checkpoint: { id, ...(dir !== '' && { dir }) } };
}
