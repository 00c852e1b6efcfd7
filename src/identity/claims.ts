import { Refusal } from '../model/error.ts';
import { isPrintable, quote } from '../model/printable.ts';
import { mostGroups, nameProblem } from './names.ts';
import type { Payload } from './readToken.ts';

/** Who a token names. */
export interface Claimed {
  readonly name: string;
  /** Those of the claim `groups`, and `claim:NAME=VALUE` for what else it says. */
  readonly groups: readonly string[];
  /** By which it can be revoked. */
  readonly id: string;
  readonly expires: Date;
}

/** What the claims of a token are held against; durations in milliseconds. */
export interface Demands {
  readonly issuer: string;
  readonly audience: string;
  readonly maxLife: number;
  readonly leeway: number;
}

/** Claims that have a meaning of their own. */
export const registered: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'],
  'groups',
]);

const longest = 200;
/** The end of the year 9999, in seconds. */
const lastDate = 253_402_300_799;

/**
 * Reads the claims of a token with a good signature.
 *
 * @param now in milliseconds since 1970
 * @throws Refusal `token-untrusted`, `token-expired`, `token-claims`
 */
export function claimsOf(payload: Payload, demands: Demands, now: number): Claimed {
  const sub = payload.get('sub');
  const whose = typeof sub === 'string' && sub !== '' ? `the token of ${quote(sub)}` : 'the token';
  mustBeForUs(payload, demands, whose);
  const expires = endOf(payload, demands, now, whose);
  const id = payload.get('jti');
  if (typeof id !== 'string' || id === '' || id.length > longest || !isPrintable(id))
    throw claims(`${whose} has no id (\`jti\`) by which it could be revoked`);
  if (typeof sub !== 'string') throw claims('the token names nobody: its `sub` is no text');
  const problem = nameProblem(sub);
  if (problem !== undefined) throw claims(`${whose} cannot name anybody: the name (\`sub\`) ${problem}`);
  return { name: sub, groups: groupsOf(payload, whose), id, expires };
}

function mustBeForUs(payload: Payload, { issuer, audience }: Demands, whose: string): void {
  if (payload.get('iss') !== issuer)
    throw new Refusal('token-untrusted', `${whose} was not made by ${quote(issuer)} (\`iss\`).`);
  if (![payload.get('aud')].flat().includes(audience))
    throw new Refusal(
      'token-untrusted',
      `${whose} is not for ${quote(audience)} (\`aud\`), which this host is.`,
    );
}

/** When a token ends that holds now. */
function endOf(payload: Payload, { maxLife, leeway }: Demands, now: number, whose: string): Date {
  const exp = dateIn(payload, 'exp', whose);
  const iat = dateIn(payload, 'iat', whose);
  const nbf = payload.has('nbf') ? dateIn(payload, 'nbf', whose) : iat;
  const begin = Math.max(iat, nbf);
  if (now >= exp + leeway) throw new Refusal('token-expired', `${whose} has expired at ${shown(exp)}.`);
  if (begin > now + leeway)
    throw new Refusal('token-expired', `${whose} holds only from ${shown(begin)} on.`);
  if (exp - iat > maxLife)
    throw new Refusal(
      'token-expired',
      `${whose} holds for longer than ${lifeText(maxLife)}, the most that is accepted here.`,
    );
  return new Date(exp);
}

/** A NumericDate of RFC 7519, in milliseconds. */
function dateIn(payload: Payload, name: string, whose: string): number {
  const seconds = payload.get(name);
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= lastDate) return seconds * 1000;
  throw claims(`${whose} has no time in \`${name}\``);
}

function shown(time: number): string {
  return new Date(time).toISOString();
}

/** As people write it: `90d`, `8h`, `30m`. */
export function lifeText(life: number): string {
  const minutes = Math.floor(life / 60_000);
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** Too many, or too long, is a refusal and never cut: a policy may be stricter to who has a group. */
function groupsOf(payload: Payload, whose: string): readonly string[] {
  const groups = new Set([...named(payload.get('groups') ?? [], whose), ...claimed(payload, whose)]);
  if (groups.size > mostGroups) throw claims(`${whose} has more than ${mostGroups} groups and claims`);
  return [...groups];
}

function named(groups: unknown, whose: string): readonly string[] {
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string'))
    throw claims(`${whose} has \`groups\` that are no list of names`);
  for (const group of groups) {
    const problem = group.includes(':')
      ? 'has a `:`, as only those that Bulwark makes have'
      : nameProblem(group);
    if (problem !== undefined) throw claims(`a group of ${whose}, ${quote(group)}, ${problem}`);
  }
  return groups;
}

/** What else is said, where it is one word or a list of words. */
function claimed(payload: Payload, whose: string): readonly string[] {
  return [...payload].flatMap(([name, value]) => {
    const values = [value].flat();
    if (registered.has(name) || !values.every(isWord)) return [];
    return values.map((word) => {
      const group = `claim:${name}=${word}`;
      const fits = group.length <= longest && isPrintable(group) && !name.includes('=');
      if (fits && (typeof word !== 'number' || isExact(word))) return group;
      throw claims(`${whose} has a claim that makes no group: ${quote(group)}`);
    });
  });
}

function isWord(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Whether no other number reads the same. */
function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}

function claims(why: string): Refusal {
  return new Refusal('token-claims', `${why}.`);
}
