/**
 * What of a client's words may be a password. Whatever is not known to be harmless is hidden: a list of what is
 * secret would always lack an entry.
 */
/** Stands where a value was. */
export const hidden = '***';
/**
 * Text without the credentials of URLs in it: what stands before `@`, and the values of query and fragment, which
 * sign the URLs of object stores. Every repetition is bounded or stops at what begins the next: texts may be long.
 */
export function withoutCredentials(text) {
    if (!/[@?#]/.test(text))
        return text;
    return withoutUserInfo(text)
        .replace(/\/\/[^/?#\s]*@/g, `//${hidden}@`)
        .replace(/(\/\/[^\s?#]{1,2048})(\?[^\s#]*)?(#[^\s=]*=[^\s]*)?/g, (_, url, query, fragment) => [url, query && `?${hidden}`, fragment && `#${hidden}`].filter(Boolean).join(''));
}
/** `user:password@host/path`, without a scheme before it. */
function withoutUserInfo(text) {
    const user = /^[^/@\s]*@/.exec(text)?.[0];
    return user?.includes(':') ? `${hidden}@${text.slice(user.length)}` : text;
}
function words(text) {
    return new Set(text.trim().split(/\s+/));
}
/** Mount options (mount(8), nfs(5), mount.cifs(8), ceph) whose value is an address, a number, a word or a path. */
const harmlessMountOptions = words(`
  addr ip port mountport proto mountproto vers nfsvers mountvers sec timeo retrans retry rsize wsize acregmin acregmax
  acdirmin acdirmax actimeo lookupcache local_lock clientaddr nconnect uid gid forceuid forcegid file_mode dir_mode
  iocharset cache mode size nr_inodes nr_blocks lowerdir upperdir workdir datadir lowerdir+ datadir+ subvol subvolid
  loop offset sizelimit errors data commit umask fmask dmask`);
/** Mount options that are a word alone. Others are hidden: a password with a comma in it leaves such a rest. */
const mountFlags = words(`
  bind rbind remount move ro rw suid nosuid dev nodev exec noexec sync async dirsync atime noatime diratime nodiratime
  relatime norelatime strictatime lazytime mand nomand defaults private rprivate shared rshared slave rslave unbindable
  runbindable hard soft softerr intr nointr lock nolock tcp udp rdma fg bg ac noac cto nocto acl noacl resvport
  noresvport sharecache nosharecache rdirplus nordirplus guest noperm perm nounix serverino noserverino mfsymlinks
  nouser users auto noauto _netdev nofail discard nodiscard posix seal sfu nobrl`);
/** A list of mount options as it may be shown: `addr=10.0.0.1,username=***,rw`. */
export function shownMountOptions(options) {
    return options.split(',').map(shownMountOption).join(',');
}
/** One mount option as it may be shown. */
export function shownMountOption(option) {
    const at = option.indexOf('=');
    if (at < 0)
        return option === '' || mountFlags.has(option) ? option : hidden;
    const key = option.slice(0, at);
    return harmlessMountOptions.has(key) ? withoutCredentials(option) : `${key}=${hidden}`;
}
/** The value of a volume's driver option as it may be shown. */
export function shownVolumeOption(key, value) {
    switch (key) {
        case 'o':
            return shownMountOptions(value);
        case 'type':
        case 'size':
            return /^[\w.-]{0,32}$/.test(value) ? value : hidden;
        case 'device':
        case 'mountpoint':
            return withoutCredentials(value);
        default:
            return hidden;
    }
}
/** A security option as it may be shown: its value only where that is a word, as of a profile that the host has. */
export function shownSecurityOption(option) {
    if (/^(?:no-new-privileges|seccomp|apparmor|label|systempaths|writable-cgroups)(?:[=:][\w.:-]{0,64})?$/.test(option)) {
        return option;
    }
    const name = /^[\w-]{0,64}/.exec(option)?.[0];
    return name === option ? option : `${name}=${hidden}`;
}
/** Options of log drivers that hold no secret. */
const harmlessLogOptions = words(`
  max-size max-file compress mode max-buffer-size tag labels labels-regex env env-regex syslog-facility syslog-format
  syslog-tls-skip-verify syslog-tls-ca-cert syslog-tls-cert syslog-tls-key gelf-compression-type gelf-compression-level
  gelf-tcp-max-reconnect gelf-tcp-reconnect-delay fluentd-async fluentd-async-connect fluentd-buffer-limit
  fluentd-retry-wait fluentd-max-retries fluentd-sub-second-precision awslogs-region awslogs-group awslogs-stream
  awslogs-create-group awslogs-datetime-format awslogs-multiline-pattern awslogs-format gcp-project gcp-log-cmd
  splunk-source splunk-sourcetype splunk-index splunk-capath splunk-caname splunk-insecureskipverify splunk-format
  splunk-verify-connection splunk-gzip splunk-gzip-level cache-disabled cache-max-size cache-max-file cache-compress`);
/** The value of a log driver's option as it may be shown; what is named `...-address` or `...-url` is an address. */
export function shownLogOption(key, value) {
    if (/^[a-z]+-(?:address|url|endpoint)$/.test(key))
        return withoutCredentials(value);
    return harmlessLogOptions.has(key) ? value : hidden;
}
/** The value of a network's or an endpoint's driver option as it may be shown. */
export function shownNetworkOption(key, value) {
    const known = /^(?:com\.docker\.network\.[\w.-]+|parent|macvlan_mode|ipvlan_mode|ipvlan_flag|encrypted|isolated)$/;
    return known.test(key) ? withoutCredentials(value) : hidden;
}
/**
 * Labels that say what made a container or an image. Others are hidden: people put the users of basic
 * authentication and tokens of dashboards into labels.
 */
const harmlessLabels = words(`
  com.docker.compose.project com.docker.compose.service com.docker.compose.container-number com.docker.compose.oneoff
  com.docker.compose.version com.docker.compose.network com.docker.compose.volume com.docker.compose.image
  com.docker.compose.project.working_dir com.docker.compose.project.config_files com.docker.stack.namespace
  com.docker.stack.image org.opencontainers.image.title org.opencontainers.image.version
  org.opencontainers.image.revision org.opencontainers.image.created org.opencontainers.image.vendor`);
/** The value of a label as it may be shown. */
export function shownLabel(key, value) {
    return harmlessLabels.has(key) ? withoutCredentials(value) : hidden;
}
