/**
 * What dockerd tells an authorization plugin about one API request, decoded from its wire form.
 * The daemon leaves out what is empty, so every absence here is the daemon's (20.10 to 29.7).
 */
export interface Message {
  /** As in the request line, upper case. */
  readonly method: string;
  /** The raw request target: still percent-encoded, with its query; a whole URL in absolute form. */
  readonly uri: string;
  /** Header names as Go writes them (`Content-Type`). A repeated header keeps its last value, while the daemon acts on its first. */
  readonly headers: Readonly<Record<string, string>>;
  /** The raw body; absent when the daemon did not show one, which says nothing of whether there was one. */
  readonly body?: Uint8Array;
  /** The client certificate's common name, when `authMethod` is `TLS`; absent where it is empty. */
  readonly user?: string;
  readonly authMethod?: string;
  /** The client's certificate: base64 of its PEM, as dockerd shows it; without those that vouch for it. */
  readonly certificate?: string;
}

/** The message of the response phase: the request once more, and what the daemon answered. */
export interface ResponseMessage extends Message {
  /** Absent where the daemon does not tell: for many errors, for a 200 that no handler set, for streams (E). */
  readonly status?: number;
  /** JSON of at most 64 KiB; absent for everything else. */
  readonly responseBody?: Uint8Array;
}
