import { basename, join } from 'node:path';
import { quote } from '../model/printable.js';
/** Options before the command that lead to no daemon. `-l` and `--log-level` have a value behind them. */
const harmless = /^(?:-D|--debug(?:=.*)?|-h|--help|-v|--version|-l.+|--log-level=.*)$/;
const withValue = new Set(['-l', '--log-level']);
/** The CLI's own commands that ask nobody but the daemon (28.2), and the two plugins that are tried. */
const tried = new Set(`attach build builder buildx checkpoint commit compose config container cp create diff events exec export help
   history image images import info inspect kill load logs network node pause plugin port ps pull push rename
   restart rm rmi run save search secret service stack start stats stop swarm system tag top unpause update
   version volume wait`.split(/\s+/));
/** What these commands have below them that acts by itself: on registries, on other daemons. */
const actsByItself = {
    buildx: /^(?:create|imagetools|install|uninstall|use|rm|stop|dial-stdio|debug|history)$/,
    builder: /^(?:create|imagetools|install|uninstall|use|rm|stop|dial-stdio|debug|history)$/,
    compose: /^(?:alpha|bridge|publish|watch)$/,
};
/**
 * Says why a command line is not tried: it is not the docker CLI's, it names another daemon, or it acts without asking
 * a daemon. Undefined where it can be tried.
 */
export function whyNotTried([word = '', ...args]) {
    if (basename(word) !== 'docker')
        return notDocker(word);
    const at = commandAt(args);
    if (typeof at !== 'number')
        return at;
    const command = args[at];
    if (command === undefined)
        return undefined;
    const below = args.slice(at + 1).find((arg) => actsByItself[command]?.test(arg));
    if (tried.has(command) && below === undefined)
        return undefined;
    return {
        message: `${quote(['docker', command, ...(below === undefined ? [] : [below])].join(' '))} may act without asking a daemon, so it is not tried`,
        remedy: 'No authorization plugin sees what it does by itself.',
    };
}
/** The CLI takes options that name a daemon before its command alone (28.2; its plugins take none). */
function commandAt(args) {
    for (let at = 0; at < args.length; at += 1) {
        const word = args[at] ?? '';
        if (!word.startsWith('-'))
            return at;
        if (withValue.has(word))
            at += 1;
        else if (!harmless.test(word)) {
            return {
                message: `the option ${quote(word)} before the command is not tried`,
                remedy: 'Leave it out: no daemon is asked, so none needs to be named.',
            };
        }
    }
    return args.length;
}
function notDocker(word) {
    const remedy = 'Write the command as you would run it: bulwark try -- docker run ...';
    if (basename(word) === 'docker-compose') {
        return {
            message: '`docker-compose` is not tried',
            remedy: 'Write `docker compose`, which is its plugin.',
        };
    }
    if (word === 'sudo')
        return { message: '`sudo` is not tried', remedy: 'Leave it out: nothing is executed.' };
    return { message: `${quote(word)} is not the docker CLI`, remedy };
}
/** Whether a command reads what it judges from its input: an argument `-`, or an option with the value `-`. */
export function readsInput(args) {
    return args.some((arg) => arg === '-' || /^--?[\w-]+=-$/.test(arg));
}
/** The files into which the CLI writes the id of what it made. */
export function idFiles(args) {
    return args.flatMap((arg, at) => {
        const [, name, value] = /^(--(?:cid|iid)file)(?:=(.*))?$/s.exec(arg) ?? [];
        const file = name === undefined ? undefined : (value ?? args[at + 1]);
        return file ? [file] : [];
    });
}
/**
 * The arguments with the file of `save` and `export` led into a folder: the CLI makes a file there before it asks.
 * These commands have names of images or containers behind them, never another program's options.
 */
export function withOutputIn(folder, args) {
    const at = commandAt(args);
    const command = typeof at === 'number' ? args.slice(at) : [];
    const [word = '', ...below] = command;
    const saves = (text) => text === 'save' || text === 'export';
    if (!saves(word) && !(['image', 'container', 'compose'].includes(word) && below.some(saves)))
        return args;
    const file = join(folder, 'output');
    return args.map((arg, index) => {
        const [, option] = /^(-o=?|--output=)./s.exec(arg) ?? [];
        if (option !== undefined)
            return `${option}${file}`;
        return /^(?:-o|--output)$/.test(args[index - 1] ?? '') ? file : arg;
    });
}
