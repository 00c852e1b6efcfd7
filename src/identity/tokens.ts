/** Which tokens are accepted. */
export interface TokenOptions {
  /** Files with the keys of those who make them. */
  readonly keys: readonly string[];
  /** The folder in which tokens are marked as revoked. */
  readonly revoked: string;
  readonly issuer: string;
  readonly audience: string;
  /** The longest that a token may hold, and how far its maker's clock may be off, in milliseconds. */
  readonly maxLife: number;
  readonly leeway: number;
}
