import { X509Certificate } from 'node:crypto';
import { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { mostGroups, nameProblem } from './names.ts';

/** What a client certificate says of its owner. */
export interface Certified {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What is read of a certificate: it does not change, and comes with each message. */
interface Read extends Certified {
  /** When it holds, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** Certificates that are remembered: more than a host's clients have at a time. */
const mostRemembered = 1000;

/** Names of the alternative names (SANs) that become groups, by what Node calls them. */
const alternatives: ReadonlyMap<string, string> = new Map([
  ['DNS', 'dns'],
  ['email', 'email'],
  ['URI', 'uri'],
]);

/** Reads the certificates of clients. dockerd has verified them (`--tlsverify`); what they say is taken from them alone. */
export class Certificates {
  readonly #groupsFrom: readonly ('ou' | 'o')[];
  readonly #known = new Map<string, Read>();

  constructor(groupsFrom: readonly ('ou' | 'o')[]) {
    this.#groupsFrom = groupsFrom;
  }

  /**
   * The owner of a certificate.
   *
   * @param text base64 of its PEM, as dockerd shows it
   * @param user what dockerd took for the owner's name: the common name, or undefined where that is empty
   * @throws Refusal `certificate-...`
   */
  read(text: string, user: string | undefined, now: number): Certified {
    const read = this.#known.get(text) ?? this.#remember(text);
    if (user !== read.name)
      throw unreadable('the common name in it is not the one that the daemon took from it.');
    if (now < read.from || now > read.until) throw expired(read);
    return read;
  }

  #remember(text: string): Read {
    const read = readCertificate(text, this.#groupsFrom);
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(text, read);
    return read;
  }
}

function readCertificate(text: string, groupsFrom: readonly ('ou' | 'o')[]): Read {
  const certificate = parse(text);
  // The attributes by their short names, each with one value or a list of them.
  const attributes: Readonly<Record<string, string | string[] | undefined>> = Object(
    certificate.toLegacyObject().subject,
  );
  // Of several Go takes the last (crypto/x509/pkix, 1.13 to 1.26).
  const name = [attributes['CN'] ?? []].flat().at(-1) ?? '';
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw new Refusal('certificate-name', `the common name of your client certificate ${problem}.`);
  }
  const fields = groupsFrom.flatMap((field) =>
    [attributes[field.toUpperCase()] ?? []].flat().map((value) => [field, value] as const),
  );
  const groups = [...fields, ...alternativesIn(certificate.subjectAltName ?? '')]
    .filter(([, value]) => value !== '')
    .map(([kind, value]) => `${kind}:${checked(value)}`);
  if (groups.length > mostGroups)
    throw unreadable(`it names more than ${mostGroups} units, organisations and alternative names.`);
  return {
    name,
    groups: [...new Set(groups)],
    from: certificate.validFromDate.getTime(),
    until: certificate.validToDate.getTime(),
  };
}

function parse(text: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(text, 'base64'));
  } catch {
    throw unreadable('it is not one.');
  }
}

/** One that cannot be shown is not left out: a policy may tighten by it. */
function checked(value: string): string {
  const problem = nameProblem(value);
  if (problem !== undefined) throw unreadable(`${printable(value, 40) || 'a name'} in it ${problem}.`);
  return value;
}

/**
 * The alternative names that become groups. Node divides them by `, ` and writes as a JSON string what holds a comma or a
 * quote (24).
 */
function alternativesIn(text: string): readonly (readonly [string, string])[] {
  const entry = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  const found: (readonly [string, string])[] = [];
  while (entry.lastIndex < text.length) {
    const [, kind = '', value = ''] = entry.exec(text) ?? [];
    if (kind === '') throw unreadable('its alternative names cannot be read.');
    const name = alternatives.get(kind);
    if (name !== undefined) found.push([name, value.startsWith('"') ? unquoted(value) : value]);
  }
  return found;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    throw unreadable('its alternative names cannot be read.');
  }
}

function unreadable(detail: string): Refusal {
  return new Refusal('certificate-unreadable', `your client certificate cannot be used: ${detail}`);
}

function expired({ name, from, until }: Read): Refusal {
  const [valid, to] = [from, until].map((time) => new Date(time).toISOString());
  return new Refusal(
    'certificate-expired',
    `the client certificate of ${printable(name)} holds from ${valid} to ${to}.`,
  );
}
