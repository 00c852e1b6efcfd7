/** Where an installed Bulwark is on its host. */
export const places = {
  /** A folder for each version, and the link `current` to the one that runs: old ones stay whole while they still run. */
  program: '/opt/bulwark',
  command: '/usr/local/bin/bulwark',
  config: '/etc/bulwark/config.yaml',
  policies: '/etc/bulwark/policies',
  /** Policies that deny nothing, in force while the others are only tried. */
  watching: '/etc/bulwark/watching',
  data: '/var/lib/bulwark',
  socket: '/run/docker/plugins/bulwark.sock',
  units: '/etc/systemd/system',
} as const;

/** The name under which dockerd asks Bulwark. */
export const pluginName = 'bulwark';
