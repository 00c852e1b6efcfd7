/** What belongs to Bulwark and the daemon and stays out of everybody's reach. */
export interface Protect {
  /** Absolute, clean host paths beside those that every host has: Bulwark's own folders and files. */
  readonly paths: readonly string[];
  /** Absolute, clean paths of sockets that rule the daemon, beside those that every host has: that of `--docker-host`. */
  readonly sockets: readonly string[];
  /** Name or id of the container in which Bulwark runs, if it does. */
  readonly container: string | undefined;
  /** Its whole id, once the daemon was asked for it. */
  readonly containerId?: string;
  /** The name under which dockerd knows the plugin, as in its socket's file name. */
  readonly plugin: string;
}
