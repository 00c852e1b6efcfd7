/** What `furnish` puts on the daemon's host for rows to find. */
export const planted = {
  /** A file of the host that no container may see. */
  file: '/etc/bulwark-planted',
  secret: 'the-secret-of-the-host',
  /** Where the host's web server listens, for builds from a URL: `/secret`, `/network`. */
  web: '127.0.0.1:8099',
  /** What the web server has. */
  dockerfiles: {
    secret: 'FROM busybox\nARG DB_PASSWORD\nLABEL password=$DB_PASSWORD\n',
    network: 'FROM busybox\nRUN grep -q eth0-peer /proc/net/dev\n',
  },
  /** What `/proc/net/dev` shows on the host's network alone. */
  hostInterface: 'eth0-peer',
} as const;
