/** An attack as a row of data: what is sent, and what the daemon would hold or do if it went through. */
import type { Release } from '../daemon/packages.ts';

/**
 * One request, byte for byte. `{me}` stands for the row's own name and `{look:/path#A.B}` for a value of the
 * daemon's answer to that GET (`@me` in it is the name), asked past the plugin before the row begins.
 */
export interface Step {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** In this order and spelling, repeated ones too; `Host`, `Connection` and the body's length are added. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
  /** How the body travels; default `length`. */
  readonly framing?: 'length' | 'chunked' | 'chunk-extension' | 'trailers' | 'length-and-chunked' | 'none';
  /** Default 1.1. */
  readonly http?: '1.0' | '1.1';
  /** Bytes before the request on the same connection: another request, for pipelining. */
  readonly ahead?: string;
  /** Sent once an answer begins, on a connection that the daemon has handed over ... */
  readonly later?: string;
  /** ... until the other side has said this. */
  readonly until?: string;
  /** The answer may never end (a hijacked stream): what came within these milliseconds counts. */
  readonly patience?: number;
  /** Before an attack: it only makes sure of something. */
  readonly mayFail?: true;
}

/** Text, number, truth; a RegExp for a text; an object for some of its keys; a list for members that must be there, `[]` for an empty one. */
export type Pattern =
  | string
  | number
  | boolean
  | null
  | RegExp
  | readonly Pattern[]
  | { readonly [key: string]: Pattern };

/** How an attack shows that it went through. None of them asks Bulwark, or believes a status. */
export type Holds =
  /** The container's `config.v2.json`, with its `hostconfig.json` as HostConfig, on the daemon's disk. */
  | { readonly container: Pattern; readonly named?: string }
  /** The folder of that volume on disk: `opts.json` beside its name. */
  | { readonly volume: Pattern }
  /** The daemon's answer to this GET, asked past the plugin. */
  | { readonly get: string; readonly shows: Pattern }
  /** The same, as text. */
  | { readonly get: string; readonly says: string }
  /** It no longer says what it said before. */
  | { readonly get: string; readonly lacks: string }
  /** The same, and the answer is 404: something is gone. */
  | { readonly missing: string }
  /** A file as the daemon's host sees it. */
  | { readonly file: string; readonly says: string }
  | { readonly exists: string }
  | { readonly gone: string }
  /** Some file in this folder below the data root. */
  | { readonly stored: string; readonly says: string }
  /** A secret of the host or a running program's output has come back in an answer. */
  | { readonly answered: string };

/**
 * `read`: in reading; `create`: by a policy on what was sent, and on what the daemon and the host have under the names in
 * it; `start`: by the second gate, which looks at what is stored. `front`: no plugin is shown what tells it from honest
 * work; only something in front of the daemon's socket sees it.
 */
export type Stage = 'read' | 'create' | 'start' | 'front';

export interface Row {
  readonly id: string;
  /** What it turns on, for the account of kinds. */
  readonly kind: string;
  /** The one release that it works on; the other refuses it by itself, for the reason in `why`. */
  readonly release?: Release;
  readonly why?: string;
  /** Where it must be stopped, or that nothing can. */
  readonly stoppedAt: Stage | Readonly<Record<Release, Stage>>;
  /** Made past the plugin: what stood there before Bulwark, or what others have. */
  readonly before?: readonly Step[];
  readonly steps: readonly Step[];
  readonly holds: Holds;
  /** Past the plugin, to leave the place as it was. The container `{me}` is removed anyway. */
  readonly after?: readonly Step[];
  /** It changes what others rest on, so nothing else runs between its steps. */
  readonly alone?: true;
}

export function stageOn({ stoppedAt: stage }: Row, release: Release): Stage {
  return typeof stage === 'string' ? stage : stage[release];
}
