import { createHash } from 'node:crypto';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';
import { type Claimed, claimsOf, type Demands } from './claims.ts';
import { counts, type TrustedKey } from './keys.ts';
import { readToken, type WrittenToken } from './readToken.ts';
import { isRevoked } from './revoked.ts';
import { type KeySet, TrustedKeys } from './trustedKeys.ts';

export type { Claimed } from './claims.ts';

/** Which tokens are accepted. */
export interface TokenOptions extends Demands {
  /** Files with the keys of those who make them. */
  readonly keys: readonly string[];
  /** The folder in which tokens are marked as revoked. */
  readonly revoked: string;
}

/** So many keys are tried for a token that does not say whose it is. */
const mostTried = 16;
/** So many tokens are remembered. */
const mostKnown = 1000;

/** Says who a token names. */
export class Tokens {
  readonly #options: TokenOptions;
  readonly #files: TrustedKeys;
  /** By the SHA-256 of a token. */
  readonly #known = new Map<string, Known>();

  constructor(options: TokenOptions) {
    this.#options = options;
    this.#files = new TrustedKeys(options.keys);
  }

  /**
   * Who a token names. Rejects with a `Refusal` for every token that does not hold now; no text of it has anything of a
   * token whose signature was not found good.
   */
  async verify(token: string): Promise<Claimed> {
    const digest = createHash('sha256').update(token).digest('base64url');
    const known = this.#known.get(digest);
    if (known === undefined) return this.#verifyNew(token, digest);
    const { written, signer } = known;
    const [keys, revoked] = await Promise.all([this.#files.current(), this.#isRevoked(known.id)]);
    if (known.keys !== keys || !counts(signer)) return this.#verifyNew(token, digest);
    return standing(claimsOf(written.payload, this.#options, Date.now()), revoked);
  }

  async #verifyNew(token: string, digest: string): Promise<Claimed> {
    const written = readToken(token);
    const keys = await this.#files.current();
    if (keys.size === 0)
      throw new Refusal(
        'token-untrusted',
        'this host trusts no key for tokens yet.',
        'The first `bulwark token issue` makes one.',
      );
    const signer = await signerOf(token, candidates(written, keys));
    if (signer === undefined)
      throw new Refusal('token-untrusted', 'the token is not signed with a key that this host trusts.');
    const claimed = claimsOf(written.payload, this.#options, Date.now());
    this.#remember(digest, { written, signer, keys, id: claimed.id });
    return standing(claimed, await this.#isRevoked(claimed.id));
  }

  #remember(digest: string, known: Known): void {
    this.#known.delete(digest);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= mostKnown) this.#known.delete(oldest);
    this.#known.set(digest, known);
  }

  #isRevoked(id: string): Promise<boolean> {
    return isRevoked(this.#options.revoked, id).catch((error: unknown) => {
      const reason = error instanceof Error ? printable(error.message) : 'an unknown error';
      throw new Refusal('keys-unreadable', `whether a token is revoked cannot be seen: ${reason}.`);
    });
  }
}

/** A token whose signature was good, by a set of keys. */
interface Known {
  readonly written: WrittenToken;
  readonly signer: TrustedKey;
  /** It is good as long as this is the set that is trusted. */
  readonly keys: KeySet;
  readonly id: string;
}

function standing(claimed: Claimed, revoked: boolean): Claimed {
  const { id, name } = claimed;
  if (revoked) throw new Refusal('token-revoked', `the token ${quote(id)} of ${quote(name)} was revoked.`);
  return claimed;
}

/** The keys that can have signed a token; it does not choose among the algorithms of one. */
function candidates({ alg, kid }: WrittenToken, keys: KeySet): readonly TrustedKey[] {
  const named = kid === undefined ? [...keys.values()] : [keys.get(kid)];
  return named
    .filter((key) => key !== undefined)
    .filter((key) => key.alg === alg && counts(key))
    .slice(0, mostTried);
}

async function signerOf(token: string, keys: readonly TrustedKey[]): Promise<TrustedKey | undefined> {
  // Loaded with the first token: many hosts never see one.
  const { default: jwt } = await import('jsonwebtoken');
  return keys.find(({ alg, key }) => {
    try {
      // What it claims is judged by our own reading of it.
      jwt.verify(token, key, { algorithms: [alg], ignoreExpiration: true, ignoreNotBefore: true });
      return true;
    } catch {
      // Why not may quote it.
      return false;
    }
  });
}
