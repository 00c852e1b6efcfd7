import { quote } from '../model/printable.ts';

/**
 * Commands that tell the daemon what they are told, and read or write no file of the host. `build`, `buildx`, `compose`,
 * `cp`, `load`, `import`, `save`, `export`, `config`, `secret`, `stack` and `plugin` are none of them (28.2).
 */
const commands = new Set(
  `attach commit create diff events exec history images info inspect kill logs pause port ps pull push rename restart
   rm rmi run search start stats stop tag top unpause update version wait`.split(/\s+/),
);

/** The same, below these words. */
const below: Readonly<Record<string, ReadonlySet<string>>> = {
  container: new Set(
    `attach commit create diff exec inspect kill list logs ls pause port prune ps rename restart rm run start stats
     stop top unpause update wait`.split(/\s+/),
  ),
  image: new Set('history inspect list ls prune pull push remove rm tag'.split(' ')),
  network: new Set('connect create disconnect inspect list ls prune remove rm'.split(' ')),
  node: new Set('demote inspect list ls promote ps remove rm update'.split(' ')),
  service: new Set('create inspect list logs ls ps remove rm rollback scale update'.split(' ')),
  swarm: new Set('join-token leave unlock-key'.split(' ')),
  system: new Set('df events info prune'.split(' ')),
  volume: new Set('create inspect list ls prune remove rm'.split(' ')),
};

/** Options of these commands whose value is a file that the CLI reads or writes (28.2). */
const fileOptions = /^--(?:env-file|label-file|cidfile|iidfile|credential-spec)(?:=|$)/;

/** The CLI reads a profile from a file and sends what is in it. */
const profile = /^(?:--security-opt=)?"?seccomp[=:](?!unconfined"?$|builtin"?$)/;

/**
 * Why a command is not simulated for somebody else: the CLI runs on this host, and must not be a way to read its files
 * or to start another program. Undefined where it can be. It is stricter than `bulwark try`, which runs as its user.
 */
export function whyNotRemote([program = '', command = '', word = '', ...rest]: readonly string[]):
  | string
  | undefined {
  // A path would name any program of the host.
  if (program !== 'docker') return 'the first word must be `docker`';
  const group = below[command];
  const known = group === undefined ? commands.has(command) : group.has(word);
  if (!known) {
    const name = group === undefined ? command : `${command} ${word}`;
    return `${quote(`docker ${name}`)} is not simulated here: it may read files of this host, or it is none of the commands that are known not to`;
  }
  const option = [word, ...rest].find((text) => fileOptions.test(text) || profile.test(text));
  return option === undefined
    ? undefined
    : `${quote(option)} is not simulated here, whoever it is meant for: its value may be a file of this host`;
}
