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
  /** The client certificate's common name, when `authMethod` is `TLS`. */
  readonly user?: string;
  readonly authMethod?: string;
}
