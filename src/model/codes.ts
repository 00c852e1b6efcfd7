/**
 * Every stable code of Bulwark, with its meaning and the way out. `docs/errors.md` is written from this
 * table, and a test fails when a code is used that is not here or stands here unused.
 */
export const codes = {
  // Refusals to read: the request cannot be read as the daemon would read it, or is a known trick.
  'message-unreadable': {
    means: 'The message from the daemon was empty, malformed or not what the plugin protocol says.',
    fix: 'Send the request again. If it stays, look at the log of Bulwark and of dockerd.',
  },
  'message-too-large': {
    means: 'The message from the daemon is larger than Bulwark accepts.',
    fix: 'Send a smaller request; the daemon itself refuses bodies over 4 MiB.',
  },
  // What goes wrong on Bulwark's own side: the request phase then denies.
  'internal-error': {
    means: 'A step of the decision failed. Nothing is allowed that was not decided.',
    fix: 'Look at the log of Bulwark for this decision id, and report it as a bug.',
  },
  'deadline-exceeded': {
    means: 'The decision was not made within its deadline.',
    fix: 'Send the request again. If it stays, look at the load of the host or raise `--deadline`.',
  },
  'shutting-down': {
    means: 'Bulwark is stopping and takes no new requests.',
    fix: 'Send the request again in a few seconds.',
  },
} as const satisfies Record<string, { readonly means: string; readonly fix: string }>;

export type Code = keyof typeof codes;
