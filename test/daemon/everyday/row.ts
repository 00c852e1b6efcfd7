/**
 * One piece of everyday work: a line or more of shell, as a developer types it on the daemon's host. `dev` is a
 * running container, `site` a web server on port 8081 in the network `lan`; the projects of `projects.ts` lie in
 * /home/dev, /srv and /opt. A row leaves nothing that another one would stumble over.
 */
export interface Row {
  /** What is done, in words. */
  readonly does: string;
  /** Run by `sh -eu` in /home/dev; `poll COMMAND` repeats it until it succeeds, `tty COMMAND` gives it a terminal. */
  readonly run: string;
  /** All of stdout, without white space around it; or something in stdout or stderr. */
  readonly prints?: string | RegExp;
  /** Default 0. */
  readonly code?: number;
  /** Bulwark's word, where it is no. Everywhere else no denial may be logged. */
  readonly denied?: RegExp;
}
