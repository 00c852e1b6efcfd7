import type { Failure } from './failure.ts';
import type { DecisionRecord, Draft, LedgerRecord } from './record.ts';
import type { Repeat } from './repeats.ts';

/** Of Bulwark itself. */
export type Note = Draft<Extract<LedgerRecord, { type: 'corrected' | 'system' }>>;

/** What the main process hands to the writer. By its id a record that comes a second time is known. */
export type Entry =
  | { readonly kind: 'decision'; readonly draft: Draft<DecisionRecord> }
  /** So many decisions of a kind, which are not recorded one by one; the draft says what they have in common. */
  | {
      readonly kind: 'repeats';
      readonly repeat: Repeat;
      readonly draft: Draft<DecisionRecord>;
      count: number;
    }
  | { readonly kind: 'note'; readonly draft: Note }
  /** The daemon's response to a request with this digest; `draft.of` is found by it. */
  | {
      readonly kind: 'response';
      readonly digest: string;
      readonly draft: Omit<Draft<Extract<LedgerRecord, { type: 'settled' }>>, 'of'>;
    }
  /** What the daemon has of a kind: see `Present`. */
  | ({ readonly kind: 'present' } & Present)
  | {
      readonly kind: 'policies';
      readonly digest: string;
      readonly time: string;
      readonly files: readonly PolicyFile[];
    };

/** All things of a kind that the daemon has. No record is made of it: it says of things with an owner that they are gone. */
export interface Present {
  /** Docker's word: `container`, `volume` ... */
  readonly of: string;
  /** By the id that `owners` has; with its name, where it has one that the owner may not know. */
  readonly things: readonly { readonly id: string; readonly name?: string }[];
  /** When the daemon was asked, in milliseconds since 1970: of what was made later it says nothing. */
  readonly asked: number;
}

/** A policy file as it was read. */
export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** What the worker is started with. */
export interface WorkerOptions {
  readonly path: string;
  readonly host: string;
  readonly retention: Retention;
  readonly reserve: { readonly path: string; readonly bytes: number };
}

/** How much is kept: milliseconds and bytes. */
export interface Retention {
  readonly age: number;
  readonly size: number;
}

/** A decision of which it is not known whether its answer reached the daemon. */
export interface Recent {
  readonly digest: string;
  readonly id: string;
  /** When it was decided, in milliseconds since 1970. */
  readonly time: number;
  readonly allow: boolean;
  readonly rules: readonly string[];
}

/** To the worker: the JSON of entries, which costs a tenth of cloning them. The first batch, whatever is in it, opens the ledger. */
export type Request = { readonly batch: string } | 'close';

/** How the writer of a batch fared. */
export interface Written {
  /** Whether the disk is full and the reserve is being used up. */
  readonly full: boolean;
  /** Once, when the worker opens the ledger: the last decisions before, which the daemon may ask for again. */
  readonly recent: readonly Recent[];
}

/** From the worker: one for each batch, and unasked the state of the disk when it changes. */
export type Reply =
  | ({ readonly type: 'written' } & Written)
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'disk'; readonly full: boolean };
