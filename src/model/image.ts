/** An image reference as the daemon completes it. */
export interface ImageRef {
  readonly given: string;
  /** `docker.io` where none is named. */
  readonly registry: string;
  /** `library/alpine` for `alpine`. */
  readonly repository: string;
  /** Absent with a digest alone; `latest` where neither is given. */
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
  /** The text may also be an image's id or a prefix of one, which the daemon tries first. */
  readonly maybeId: boolean;
}
