/**
 * Every stable code of Bulwark, with its meaning and the way out. `docs/errors.md` is written from this
 * table, and a test fails when a code is used that is not here or stands here unused.
 */
export const codes = {
  // Refusals to read: the request cannot be read as the daemon would read it, or is a known trick.
  'message-unreadable': {
    means: 'The message from the daemon was empty, malformed or not what the plugin protocol says.',
    fix: 'Send the request again. If it stays, look at the log of Bulwark and of dockerd.',
  },
  'message-too-large': {
    means: 'The message from the daemon is larger than Bulwark accepts.',
    fix: 'Send a smaller request; the daemon itself refuses bodies over 4 MiB.',
  },
  'uri-form': {
    means: "The request's target is not a path: an absolute URL, or `*`.",
    fix: 'Send the path alone, as Docker clients do.',
  },
  'uri-characters': {
    means:
      'The target holds `#`, a blank, a control character or one beyond ASCII, which daemons read differently.',
    fix: 'Percent-encode what is not plain ASCII.',
  },
  'uri-escape': {
    means: 'A percent escape of the target does not decode to UTF-8.',
    fix: 'Encode names and parameters as UTF-8 with two hexadecimal digits per byte.',
  },
  'uri-not-clean': {
    means: 'The decoded path has `//`, `.`, `..` or control characters.',
    fix: 'Write the path as the API reference does.',
  },
  'version-form': {
    means: 'The API version in the path is written in a way that no client uses.',
    fix: 'Write it as `/v1.41`, from 1.24 to 1.99.',
  },
  'version-too-old': {
    means:
      'Below API 1.24 a start can replace the settings of a container, so these versions are not served.',
    fix: 'Use a client of Docker 1.12 (API 1.24) or newer, or unset `DOCKER_API_VERSION`.',
  },
  'unknown-route': {
    means:
      'No release of Docker from 20.10 to 29.7 has this method and path, so nobody knows what it would do.',
    fix: 'Look for a typing mistake; a newer daemon needs a newer Bulwark.',
  },
  'query-malformed': {
    means: 'The query holds a semicolon, which some handlers refuse and others pass over.',
    fix: 'Separate parameters with `&` and write a semicolon in a value as `%3B`.',
  },
  'query-duplicate': {
    means: 'A parameter that takes one value is given several times; the daemon would act on the first.',
    fix: 'Give it once.',
  },
  'body-absent': {
    means: 'The daemon did not show the body: it was chunked, too large, empty or not `application/json`.',
    fix: 'Send it as `application/json` with a Content-Length, below 1 MiB; Docker clients do. An update of the daemon shows larger ones.',
  },
  'body-unexpected': {
    means:
      'A body was sent where the route takes none, and the daemon did not show it; it could be a form that changes the parameters.',
    fix: 'Send no body, with `Content-Length: 0`.',
  },
  'body-form': {
    means: 'The body is a form, which the daemon merges into the parameters without showing it.',
    fix: 'Put the parameters into the query and send no form; with curl use `-X POST` without `-d`.',
  },
  'start-with-body': {
    means:
      'A start carries a body, which daemons at old API versions take for new settings of the container.',
    fix: 'Create the container with the settings it needs and start it without a body.',
  },
  'hostconfig-at-top-level': {
    means:
      "A field of HostConfig stands at the top level, where daemons up to 26.1 take it for the container's HostConfig.",
    fix: 'Put it inside `HostConfig`.',
  },
  'body-syntax': {
    means: 'The body is not valid JSON.',
    fix: 'Correct the JSON.',
  },
  'body-trailing-data': {
    means: 'There is more text behind the JSON value, which some daemons ignore.',
    fix: 'Send one JSON value and nothing behind it.',
  },
  'body-not-utf8': {
    means:
      'The body is not valid UTF-8, or escapes half of a surrogate pair; daemons replace such characters.',
    fix: 'Send UTF-8.',
  },
  'body-duplicate-key': {
    means:
      'A key is given twice, in one spelling or in two that differ in letter case alone; the daemon merges the values.',
    fix: 'Give each key once.',
  },
  'body-key-not-ascii': {
    means: 'The name of a field has characters beyond ASCII, some of which Go takes for a plain letter.',
    fix: "Write the field's name as the API reference does.",
  },
  'body-null-element': {
    means: 'A list or map holds `null`, in the place of which some daemons keep an older value.',
    fix: 'Leave the element out.',
  },
  'body-wrong-type': {
    means: 'A value has another type than the API gives the field.',
    fix: 'Look the field up in the API reference.',
  },
  'body-too-deep': {
    means: 'The JSON nests deeper than 100, which nothing in the API does.',
    fix: 'Send what the API describes.',
  },
  'body-too-many-values': {
    means: 'The body holds more than 20,000 values.',
    fix: 'Send fewer.',
  },
  'parameter-json': {
    means: 'A parameter holds JSON that is broken, or that readers take in more than one way.',
    fix: 'Send the JSON that the API reference describes, each key once.',
  },
  'changes-unreadable': {
    means:
      'A line of `--change` can be read in more than one way, or its value depends on what is not in the request.',
    fix: 'Write one plain instruction a flag, such as `--change "USER 1000"`: no comments, continued lines or variables.',
  },
  // Who asks: a certificate or a token that is there and cannot be used is never passed over.
  'certificate-unreadable': {
    means: 'The client certificate, or what the daemon tells of it, cannot be read in one way.',
    fix: 'Have a certificate made anew, with a plain common name; docs/identity.md says how.',
  },
  'certificate-name': {
    means:
      'The common name of the client certificate cannot be the name of somebody: it is empty, too long, does not print, or is one of those that Bulwark itself gives.',
    fix: 'Have a certificate made with a common name of your own, such as `CN=alice`.',
  },
  'certificate-expired': {
    means: 'The client certificate does not hold now, by the clock of the host.',
    fix: 'Have a new one made; if it should hold, look at the clock of the host.',
  },
  'identities-differ': {
    means: 'The client certificate and the token name different callers.',
    fix: "Use a token of your own, or none: it is in `HttpHeaders` of docker's config.json.",
  },
  'host-groups-unreadable': {
    means: 'With `hostGroups` the groups of a caller are in files of the host, which cannot be read.',
    fix: 'Let Bulwark read `/etc/passwd` and `/etc/group` of the host (`hostRoot`), or switch `hostGroups` off.',
  },
  // What goes wrong on Bulwark's own side: the request phase then denies.
  'internal-error': {
    means: 'A step of the decision failed. Nothing is allowed that was not decided.',
    fix: 'Look at the log of Bulwark for this decision id, and report it as a bug.',
  },
  'deadline-exceeded': {
    means: 'The decision was not made within its deadline.',
    fix: 'Send the request again. If it stays, look at the load of the host or raise `--deadline`.',
  },
  'policies-too-costly': {
    means:
      'To hold a request against the policies takes more steps than may be taken for one request: it has very many values, or the policies very many patterns.',
    fix: 'Send a smaller request; if small ones are denied for this, name fewer patterns, or match fewer requests in the policies.',
  },
  // What must be asked of the daemon about a container that shall start, or that a request reaches into.
  'facts-starting': {
    means:
      'The daemon has not answered Bulwark yet since Bulwark started: it is starting itself, or is not there.',
    fix: 'Wait until `docker version` answers and try again. If it stays, look whether `--docker-host` names the daemon that asks Bulwark.',
  },
  'facts-slow': {
    means:
      'The daemon did not tell Bulwark in time what it has under a name: a container, an image, a volume.',
    fix: 'Try again. If it stays, look at the load of the host, or raise `--deadline`.',
  },
  'facts-unreachable': {
    means: 'The daemon answered Bulwark before and now cannot be reached, or breaks off.',
    fix: 'Look whether the daemon runs and whether `--docker-host` still is its socket.',
  },
  'facts-wrong-daemon': {
    means:
      'The daemon that `--docker-host` names does not ask this Bulwark: it is another one than the one that does.',
    fix: 'Give `serve` the socket of the daemon that has it in `authorization-plugins`: `--docker-host unix:///PATH`.',
  },
  'daemon-silent': {
    means:
      'The daemon that `--docker-host` names answers without asking this Bulwark: nothing that is done on it is judged.',
    fix: 'Put `"authorization-plugins": ["bulwark"]` into its `daemon.json` and reload it (`systemctl reload docker`). If that is there, name the daemon that asks Bulwark: `--docker-host unix:///PATH`.',
  },
  'facts-off': {
    means:
      'With `--docker-host off` nothing is asked of the daemon: containers are judged when they are created and never again, and nobody notices when the daemon stops asking Bulwark.',
    fix: 'Give `serve` the socket of the daemon that asks it: `--docker-host unix:///PATH`.',
  },
  'facts-not-found': {
    means:
      'There is no container, exec or service of that name or id, or not a single one, as far as the daemon knows.',
    fix: 'Look for it with `docker ps -a` or `docker service ls`.',
  },
  busy: {
    means:
      'A container is just getting a name that the request uses, or the other way round: what the name stands for when Bulwark looks could be another thing when the daemon acts. It waits for that, and not without end.',
    fix: 'Try again; in a script, wait for `docker start` before the name is given to another container.',
  },
  'facts-too-many': {
    means:
      'A container takes part in the namespaces or mounts of so many others that Bulwark does not follow them all.',
    fix: 'Make it anew with fewer `--volumes-from`, and fewer of `--network`, `--pid` and `--ipc container:NAME`.',
  },
  'facts-refused': {
    means: 'The daemon answered a look-up with an error.',
    fix: 'Look at the log of dockerd; another authorization plugin beside Bulwark must let its look-ups pass.',
  },
  'facts-unreadable': {
    means: 'What the daemon tells of a container, a volume or itself cannot be read in one way.',
    fix: 'Make the container anew; a newer daemon may need a newer Bulwark.',
  },
  // What must be looked at on the host's file system: where the paths lead that a container shall have.
  'host-files-unreadable': {
    means:
      'A path of the host passes a link or a folder that Bulwark cannot read, or too many links, so nobody can tell what would be mounted.',
    fix: 'Bind another path, or let an administrator look at that one: its permissions, its mount, links that lead to each other.',
  },
  'host-files-slow': {
    means:
      'The file system of the host did not tell in time where a path leads; it may be mounted from a dead server.',
    fix: 'Try again. If it stays, look at the mounts on the way, or raise `--deadline`.',
  },
  // While the ledger cannot be written, everything is denied but what only asks for version and state of the daemon.
  'ledger-full': {
    means:
      'The disk of the ledger is full. What frees space and what only reads is still answered, as long as the reserve lasts.',
    fix: 'Free space: `docker system prune`, or remove files on that disk. Bulwark goes on by itself.',
  },
  'ledger-read-only': {
    means: 'The ledger or its folder cannot be written.',
    fix: 'Mount its file system writable and let Bulwark write there, or choose another `--data` folder.',
  },
  'ledger-locked': {
    means: 'Another process keeps the ledger locked.',
    fix: 'End what holds it, such as a second Bulwark with the same `--data` or an open transaction of `sqlite3`.',
  },
  'ledger-corrupt': {
    means: 'The file of the ledger is damaged, or is no ledger.',
    fix: 'Move it away with its `-wal` and `-shm`; Bulwark begins a new one. Keep it: most of it can be read.',
  },
  'ledger-foreign': {
    means: 'The file in the place of the ledger belongs to another program.',
    fix: 'Choose another `--data` folder, or move the file away.',
  },
  'ledger-newer': {
    means: 'A newer version of Bulwark has written the ledger.',
    fix: 'Use that version, or choose another `--data` folder.',
  },
  'ledger-unwritable': {
    means: 'The ledger cannot be written, for a reason that the message names.',
    fix: 'Look at the disk and the folder that the message names.',
  },
  'ledger-stalled': {
    means: 'The decision could not be made durable within its deadline: the disk does not answer.',
    fix: 'Look at the disk of the folder that the message names: its load, its mount, a frozen file system.',
  },
  'ledger-gone': {
    means: "The ledger's writer has ended. Bulwark starts it again by itself.",
    fix: 'Send the request again. If it stays, look at the log of Bulwark and restart it.',
  },
  'ledger-unreadable': {
    means: 'The ledger cannot be read: there is none, or the system does not let you.',
    fix: 'Name the folder of the running Bulwark with `--data`, and run the command as its user.',
  },
  'ledger-cursor': {
    means: 'A cursor is not one that an earlier page, or export, of this ledger gave.',
    fix: 'Begin again without a cursor.',
  },
  'account-absent': {
    means: 'The ledger has no account of who did how much: an older version of Bulwark wrote it.',
    fix: 'Start `serve` of this version on it: it counts what is there, from the beginning, in the background.',
  },
  'subject-unknown': {
    means: 'The account knows no subject of this name.',
    fix: 'Look at the names with `bulwark usage`; upper and lower case differ.',
  },
  'owner-unknown': {
    means: 'Nobody is known to have made a thing of this kind and name.',
    fix: 'Look at what is known with `bulwark owner ls --all`. What was made without Bulwark, or long ago, is not.',
  },
  'owner-ambiguous': {
    means: 'Several things with an owner are meant by this name, or have ids that begin so.',
    fix: 'Write the whole id.',
  },
  // What keeps `serve` from starting.
  'socket-in-use': {
    means:
      'The place of the plugin socket is taken, by another process that listens there or by another kind of file.',
    fix: 'Stop the other Bulwark, or choose another `--authz-socket`.',
  },
  'socket-unusable': {
    means: 'The system does not let Bulwark listen on the plugin socket.',
    fix: 'Run `serve` as root, or choose an `--authz-socket` in a folder of your own; its path has at most 107 bytes.',
  },
  'folder-not-private': {
    means: 'The folder for the socket of a user who is not root is open to others, or theirs.',
    fix: 'Remove it, or choose another `--authz-socket`.',
  },
  'address-unusable': {
    means: 'The system does not let Bulwark listen on the address of the admin API or of the metrics.',
    fix: 'Stop what listens there, or choose another `--admin` or `--metrics`.',
  },
  // Answers of the admin API.
  'api-route': {
    means: 'The admin API has no such path.',
    fix: 'Look for a typing mistake; `/openapi.json` has all paths.',
  },
  'api-method': {
    means: 'The path exists, but not for this method.',
    fix: 'Use a method that the header `Allow` of the answer names.',
  },
  'api-query': {
    means: 'A parameter is unknown, or its value does not have the form that is wanted.',
    fix: 'Write what the message asks for; `/openapi.json` has all parameters.',
  },
  'api-body': {
    means: 'The body is not the JSON that the path wants.',
    fix: 'Write what the message asks for; `/openapi.json` has its form.',
  },
  'api-body-type': {
    means: 'The body is not plain JSON.',
    fix: 'Send it with `Content-Type: application/json`, in UTF-8 and not compressed.',
  },
  'api-body-too-large': {
    means: 'The body is larger than the admin API accepts.',
    fix: 'Send at most 2 MiB: dockerd shows its plugins no body of 1 MiB or more.',
  },
  'api-host': {
    means:
      'The request names another host than the one that Bulwark listens on, as a page of a browser could.',
    fix: 'Name the address that Bulwark was given: `127.0.0.1`, `localhost` or `[::1]`, with the port.',
  },
  'api-token': {
    means:
      'Over TCP the admin API wants a token that `bulwark token issue --admin` made, and that still holds.',
    fix: 'Run `bulwark token issue --admin` on the host and send `Authorization: Bearer TOKEN`. The unix socket needs none.',
  },
  'api-rate': {
    means: 'There were more requests within a minute than the admin API answers.',
    fix: 'Wait as long as `Retry-After` says; watch with `/v1/decisions/stream` instead of asking again and again.',
  },
  'api-busy': {
    means: 'As many requests of this kind are under way as the admin API takes at a time.',
    fix: 'Send it again in a moment.',
  },
  'api-slow': {
    means: 'The answer took longer than the admin API waits, so it was given up.',
    fix: 'Narrow the search, by `since` and `subject` for example. If small ones fail too, look at the disk of the ledger.',
  },
  'decision-unknown': {
    means: 'The ledger has no decision with this id.',
    fix: 'Take the whole id from a denial or a list; old records are removed after a while.',
  },
  'not-ready': {
    means: 'Bulwark does not decide as it should; `problems` says why.',
    fix: 'Do what each of the problems asks for.',
  },
  'policies-broken': {
    means: 'The policies on the disk are broken: the last good set stays in force.',
    fix: 'Mend what the problems name; once it is saved it comes into force by itself.',
  },
  'policies-unseen': {
    means: 'Bulwark has not been able to look at the policy files for a while, and would not notice an edit.',
    fix: 'See to the disk or server that holds them, which does not answer. What is in force stays.',
  },
  'command-untried': {
    means: 'The command cannot be simulated here.',
    fix: 'Write what the message asks for, or send the request itself; `bulwark try` on a machine of your own takes more.',
  },
  // What `bulwark status` finds.
  'serve-unreachable': {
    means: 'No `serve` of this version answers on the admin socket.',
    fix: 'Start `bulwark serve`, or name its folder with `--data`, or its Config file with `--config`.',
  },
  // Keys and tokens.
  'token-malformed': {
    means: 'What came in the header `X-Bulwark-Token` is not a token that names a user.',
    fix: 'Put the token alone into `HttpHeaders` of `~/.docker/config.json`, as `bulwark token issue` prints it: no `Bearer`, nothing before or behind it.',
  },
  'token-untrusted': {
    means:
      'No key that this host trusts has signed the token, or it was made by somebody else or for another host.',
    fix: 'Ask your administrator for a token of this host, and put it into `~/.docker/config.json`.',
  },
  'token-expired': {
    means: 'The token does not hold any more, not yet, or would hold for longer than is accepted.',
    fix: 'Ask your administrator for a new one, and put it into `~/.docker/config.json`. If it is new, look at the clocks.',
  },
  'token-revoked': {
    means: 'An administrator has taken the token back.',
    fix: 'Ask your administrator for a new one, and put it into `~/.docker/config.json`.',
  },
  'token-claims': {
    means: 'The token is genuine, but what it says of its user cannot be used.',
    fix: 'Let who makes the tokens correct what the message names; `docs/identity.md` says what a token may have.',
  },
  'keys-unreadable': {
    means: 'The files that tell good tokens from others cannot be read, so that none is accepted.',
    fix: 'Let your administrator mend the file that the message names, or its permissions: the user of `serve` must read it.',
  },
  'key-unusable': {
    means: "A key of tokens, the admin API's or the users', cannot be read, written or used.",
    fix: "Run the command as the user of `serve`; to begin anew, remove it and its public half (`.pub.pem`) from the data folder's `keys`: its tokens end.",
  },
  // Policy and configuration files.
  'file-unreadable': {
    means: 'A file or folder cannot be read: it is not there, not permitted, not UTF-8 text, or over 1 MiB.',
    fix: 'Correct the path, its permissions or its encoding, or split the file.',
  },
  'file-name': {
    means: 'A name ends in `.yml` or in another spelling of `.yaml`, so the file would not be read.',
    fix: 'Rename it to end in `.yaml`.',
  },
  'file-syntax': {
    means: 'The text is not YAML 1.2, or uses what is not read here: anchors, aliases, tags, directives.',
    fix: 'Correct the marked place; values with special characters need quotes.',
  },
  'file-unknown-key': {
    means: 'A key is not part of the format.',
    fix: 'Correct its spelling, or remove it; `docs/controls.md` lists the controls and their parameters.',
  },
  'file-invalid': {
    means: 'A value does not have the form that is wanted, or a key is missing.',
    fix: 'Write what the message asks for.',
  },
  'not-yet-enforced': {
    means:
      'A key or kind of the format is not enforced by this version, which refuses it instead of ignoring it.',
    fix: 'Remove it, or use a version that enforces it.',
  },
  'policy-duplicate-name': {
    means: 'Two documents of one kind have the same name, so that a rule id would mean either.',
    fix: 'Rename one of them.',
  },
  'policies-too-large': {
    means:
      'A policy file, or the set of them, has more in it than is read: it would take seconds, and memory, to no use.',
    fix: 'Split a large file, and write fewer rules: patterns and groups stand for many.',
  },
  'policies-restless': {
    means: 'The policy files do not hold still, so that a set of two states of theirs would be read.',
    fix: 'Look who writes there all the time. Write a file elsewhere and rename it into place.',
  },
  'policy-none': {
    means: 'There is no Policy document, so that everything would be allowed.',
    fix: 'Name a folder or file that has one, such as the shipped `policies` folder.',
  },
  'test-none': {
    means: 'There is no test of policies where `bulwark test` was told to look.',
    fix: 'Name a folder that has files `*.test.yaml`, or write one: `docs/testing.md` shows how.',
  },
  'policy-no-control': {
    means: 'A warning: no Policy has a control, so that everything is allowed that can be read.',
    fix: 'Set `profile: baseline`, or name controls.',
  },
  'policy-only-watches': {
    means: 'A warning: every control of the set audits or warns, so that no Policy denies anything.',
    fix: 'Set `mode: deny`, or leave `mode` away, where requests are to be blocked.',
  },
  'policy-void': {
    means: 'A warning: the `exclude` of a Policy lets alone all that its `match` speaks of.',
    fix: 'Exclude fewer, or remove the document.',
  },
  'control-void': {
    means:
      'A warning: another Policy, which speaks of every request, demands as much or more, so that this control says nothing. One Policy cannot loosen another.',
    fix: 'Remove the control; to loosen the other one, let that `exclude` some, or write an Exception from its rule.',
  },
  'action-unknown': {
    means: 'A warning: a name or pattern of actions matches none, so that what is said of it never applies.',
    fix: 'Correct its spelling; the reference of `match` and the denials have the names.',
  },
  'access-none': {
    means:
      'A warning: the set has no Access document, so that every caller may call every action, as far as the Policies let it.',
    fix: 'Say in an Access document who may do what, or with `subjects: ["*"]` and `actions: ["*"]` that it is meant.',
  },
  'grant-void': {
    means: 'A warning: a deny takes away all that a grant gives, from everybody to whom it is given.',
    fix: 'Remove the grant, or narrow the deny: no grant outweighs a deny.',
  },
  'exception-rule-unknown': {
    means: 'A warning: an Exception names a rule that no Policy of the set has, so that it lets nothing off.',
    fix: 'Write the rule as a denial shows it, `policy/control`; refusals and Access know no exceptions.',
  },
  'exception-ended': {
    means: 'A warning: an Exception has ended, and does nothing.',
    fix: 'Remove it, or agree on a new date.',
  },
  'exception-ends': {
    means: 'A warning: an Exception ends within 14 days.',
    fix: 'Agree on a new date in time, or let it end.',
  },
  'exception-endless': {
    means: 'A warning: an Exception says `expires: never`, so that nobody will look at it again.',
    fix: 'Give it a date.',
  },
  'exception-unused': {
    means: 'A warning: by the ledger, no request needed an Exception for 90 days.',
    fix: 'Remove it; who needs it will be denied and say so.',
  },
  'labels-alone': {
    means: 'A warning: an Exception, or an `exclude`, lets off by labels alone, which whoever asks chooses.',
    fix: 'Name subjects or images too, or reserve the label: `controls: { labels: { reserved: [LABEL] } }`.',
  },
  'group-unknown': {
    means:
      'A warning: no Subjects document defines a group, and one of nearly its name is there. A token may bring it, too.',
    fix: 'Correct its spelling if the other one is meant.',
  },

  // The host: install, uninstall, break-glass.
  'not-root': {
    means: 'Only root can change the host.',
    fix: 'Run the command as root, as with `sudo`.',
  },
  'path-open': {
    means: 'Others than root could change what root would run, or what decides for everybody.',
    fix: 'Give the path to root and take the rights of others away: `chown root: PATH && chmod go-w PATH`.',
  },
  'path-taken': {
    means: 'Something else is where a part of Bulwark belongs.',
    fix: 'Move it away.',
  },
  'daemon-absent': {
    means: 'No dockerd answers on the socket.',
    fix: 'Start it, or name its socket: `--docker-host unix:///PATH`.',
  },
  'daemon-flag': {
    means:
      "The plugin is in the daemon's flag, which a reload forgets and `daemon.json` cannot name beside it.",
    fix: 'Take `--authorization-plugin` out of its command line, restart it and try again.',
  },
  'daemon-unmoved': {
    means: 'The daemon did not take its new configuration in time.',
    fix: "Look at its log: `journalctl -u docker`, or where the daemon's output goes.",
  },
  'host-unfit': {
    means: 'This host has not what an installation of this kind needs.',
    fix: 'Do what the message says, or install by hand: `docs/operations.md`.',
  },
  'canary-failed': {
    means: 'The daemon did not ask Bulwark about a request, or did not do as it said.',
    fix: "Look at Bulwark's log (`journalctl -u bulwark`) and at `bulwark doctor`.",
  },
  'step-failed': {
    means: 'A step failed, and what came before it was put back.',
    fix: 'Mend what it names and run the command again.',
  },
  'daemon-json': {
    means: "The daemon's configuration file is not what dockerd reads, so that it is left as it is.",
    fix: 'Mend it first: `dockerd --validate --config-file FILE` (23 and later) names the place.',
  },
} as const satisfies Record<string, { readonly means: string; readonly fix: string }>;

export type Code = keyof typeof codes;
