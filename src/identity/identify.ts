import type { Message } from '../model/message.ts';
import { anonymous, type Subject } from '../model/subject.ts';
import type { TokenOptions } from './tokens.ts';

/** How callers are named. */
export interface IdentityOptions {
  readonly tls: {
    /** Fields of a certificate that become groups, with their names before them: `ou:Web`. */
    readonly groupsFrom: readonly ('ou' | 'o')[];
  };
  readonly tokens: TokenOptions;
  /** Who counts where certificate and token are there; `agree`: they must name the same. */
  readonly precedence: 'agree' | 'tls' | 'token';
  /** The folder of the host's `passwd` and `group`; undefined: its groups are nobody's. */
  readonly hostGroups: string | undefined;
}

/**
 * Names the caller of a message. Until certificates and tokens are read (a later step) nothing is known
 * of anybody, and nobody is taken for more than that.
 */
export function identify(_message: Message): Subject {
  return anonymous;
}
