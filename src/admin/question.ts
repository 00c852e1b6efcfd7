import type { OwnedKind, OwnerFilter } from '../ledger/account/owners.ts';
import type { Grouping } from '../ledger/account/show.ts';
import type { Filter } from '../ledger/filter.ts';
import type { Code } from '../model/codes.ts';

/** What the process that reads the ledger is asked. */
export type Question =
  /** Decisions, newest first. Answered with JSON `{items, next}`. */
  | {
      readonly kind: 'page';
      readonly filter: Filter;
      readonly limit: number;
      readonly cursor?: string;
    }
  /** All about one decision. Answered with JSON, or with no text where there is none. */
  | { readonly kind: 'explain'; readonly id: string }
  /** Lines of the account. Answered with JSON. */
  | { readonly kind: 'usage'; readonly by: Grouping; readonly times: Times; readonly limit: number }
  /** The account of one subject. Answered with JSON, or with no text where nothing is counted of it. */
  | { readonly kind: 'subject'; readonly subject: string; readonly times: Times; readonly limit: number }
  /** Who made what, newest first. Answered with JSON `{items, next, account}`. */
  | {
      readonly kind: 'owners';
      readonly filter: OwnerFilter;
      readonly limit: number;
      readonly cursor?: string;
    }
  /** Who made one thing. Answered with JSON, or with no text where that is not known. */
  | { readonly kind: 'owner'; readonly of: OwnedKind; readonly name: string; readonly limit: number }
  /** Where the ledger ends, or `recent` decisions before that. Answered with its place, and events. */
  | { readonly kind: 'end'; readonly filter: Filter; readonly recent: number }
  /** What came behind a place, oldest first. Answered with the place reached, and events. */
  | { readonly kind: 'after'; readonly filter: Filter; readonly seq: number };

type Times = Pick<Filter, 'since' | 'until'>;

/** An answer is text that is ready to be sent on, so that making it holds up that process alone. */
export type Answered =
  | {
      readonly ok: true;
      readonly text?: string;
      /** A place in the ledger. */
      readonly seq?: number;
      /** There may be more behind that place at once. */
      readonly more?: boolean;
    }
  | { readonly ok: false; readonly code: Code; readonly message: string; readonly fix: string };
