import { Refusal } from '../model/error.ts';
import type { Message } from '../model/message.ts';
import { quote } from '../model/printable.ts';
import { anonymous, type Subject } from '../model/subject.ts';
import { Certificates, type Certified } from './certificate.ts';
import { HostGroups } from './hostGroups.ts';
import { type Claimed, type TokenOptions, Tokens } from './tokens.ts';

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
 * Names the caller of a message; there at once unless it takes a look at a file. Throws, or rejects with, a `Refusal` where
 * a certificate or a token is there that cannot be used: who shows one is never taken for nobody.
 */
export type Identify = (message: Message) => Subject | Promise<Subject>;

/** As Go writes it. A client that sends it twice shows the last: dockerd does nothing with it, so no other counts. */
export const tokenHeader = 'X-Bulwark-Token';

/** What everybody is in who has a name. */
const authenticated = 'system:authenticated';

/** @param tokens tests bring their own */
export function identifier(
  options: IdentityOptions,
  tokens: Pick<Tokens, 'verify'> = new Tokens(options.tokens),
): Identify {
  const certificates = new Certificates(options.tls.groupsFrom);
  const { hostGroups } = options;
  const host = hostGroups === undefined ? undefined : new HostGroups(hostGroups);
  return (message) => {
    const certified = certifiedIn(message, certificates);
    const token = message.headers[tokenHeader];
    const named =
      token === undefined
        ? certified && subjectOf('tls', certified)
        : tokens.verify(token).then((claimed) => both(certified, claimed, options.precedence));
    if (host === undefined || named === undefined) return named ?? anonymous;
    return withHostGroups(named, host);
  };
}

/** What the certificate says that a message came with. On a socket without TLS there is none, and no name. */
function certifiedIn(
  { user, authMethod, certificate }: Message,
  certificates: Certificates,
): Certified | undefined {
  if (user === undefined && authMethod === undefined && certificate === undefined) return undefined;
  if (authMethod === 'TLS' && certificate !== undefined)
    return certificates.read(certificate, user, Date.now());
  const how = authMethod === undefined ? 'no word of how' : `the method ${quote(authMethod)}`;
  throw new Refusal(
    'certificate-unreadable',
    `the daemon names a caller, with ${how} and ${certificate === undefined ? 'no' : 'a'} certificate.`,
  );
}

function subjectOf(method: 'tls' | 'token', { name, groups }: Certified): Subject {
  return { name, groups: sorted([...groups, authenticated]), method };
}

/** Whoever has a certificate and a token. */
function both(
  certified: Certified | undefined,
  claimed: Claimed,
  precedence: IdentityOptions['precedence'],
): Subject {
  if (certified === undefined || precedence === 'token') return subjectOf('token', claimed);
  if (precedence === 'tls') return subjectOf('tls', certified);
  const { name } = certified;
  if (name !== claimed.name) {
    throw new Refusal(
      'identities-differ',
      `your client certificate names ${quote(name)}, and your token ${quote(claimed.name)}.`,
    );
  }
  return subjectOf('tls', { name, groups: [...certified.groups, ...claimed.groups] });
}

async function withHostGroups(named: Subject | Promise<Subject>, host: HostGroups): Promise<Subject> {
  const subject = await named;
  const groups = await host.of(subject.name);
  return groups.length === 0 ? subject : { ...subject, groups: sorted([...subject.groups, ...groups]) };
}

/** Each once, in an order of their own, so that the same caller always looks the same. */
function sorted(groups: readonly string[]): readonly string[] {
  return [...new Set(groups)].sort();
}
