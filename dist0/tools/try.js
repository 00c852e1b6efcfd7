import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { idFiles, readsInput, whyNotTried, withOutputIn } from './command.js';
import { cliEnvironment, findDocker, makeConfig, runCli } from './dockerCli.js';
import { startFakeDaemon } from './fakeDaemon.js';
/** Milliseconds in which a client asks for nothing more while an answer is held: it waits for what never comes. */
const quietTime = 1500;
/** What the CLI says where a `-t` finds no terminal (20.10 to 28.2). */
const noTerminal = /is not a (?:TTY|terminal)/;
/**
 * Runs a docker command against a daemon that does nothing and judges each request that it makes. Nothing of the
 * command is executed: it has a socket, a configuration and a folder of its own, which are gone afterwards.
 */
export async function tryCommand(options) {
    const { command, env } = options;
    const reason = whyNotTried(command);
    if (reason !== undefined)
        return { ok: false, problem: reason };
    const docker = await findDocker(command[0] ?? '', env);
    if ('message' in docker)
        return { ok: false, problem: docker };
    const trial = await run(options, docker.program);
    const wantsTerminal = trial.ending.kind === 'stopped' && noTerminal.test(trial.ending.said);
    const script = wantsTerminal ? terminalMaker() : undefined;
    if (script === undefined)
        return { ok: true, trial };
    return { ok: true, trial: await run(options, docker.program, script) };
}
/** One run of the CLI, in a private folder; by `script`, where that is given, on a terminal. */
async function run(options, program, script) {
    const { command, env, cwd } = options;
    const folder = await privateFolder();
    const socket = join(folder, 'docker.sock');
    const requests = [];
    const ending = createEnding(options.deadline, options.signal);
    const files = idFiles(command).map((file) => resolve(cwd, file));
    const free = files.filter((file) => !existsSync(file));
    let daemon;
    try {
        await makeConfig(join(folder, 'config'), env);
        daemon = await startFakeDaemon({
            socket,
            onHeld: () => ending.hold(),
            async authorize(message) {
                ending.heard();
                const judged = options.judge(message);
                requests.push({ ...judged, ofOwn: daemon?.isOwnId(judged.request?.resource.ref ?? '') ?? false });
                return judged.decision.allow ? undefined : denial(options.denialText(judged.decision));
            },
        });
        const args = withOutputIn(folder, command.slice(1));
        const environment = cliEnvironment(env, join(folder, 'config'), socket);
        const result = await runCli({
            ...(script === undefined ? { program, args } : onTerminal(script, [program, ...args])),
            env: { ...environment, ...(script !== undefined && { SHELL: '/bin/sh' }) },
            cwd,
            stdin: options.hasInput && readsInput(args) ? 'inherit' : consent,
            signal: ending.signal,
        });
        await removeIds(free, daemon);
        return {
            requests,
            ending: endingOf(result, requests, ending.why()),
            output: result.stderr + result.stdout,
        };
    }
    finally {
        ending.clear();
        daemon?.close();
        await rm(folder, { recursive: true, force: true });
    }
}
/** Whoever tries a command that asks back wants to know what it does when told to go on. */
const consent = 'y\n'.repeat(20);
function denial(text) {
    return `authorization denied by plugin bulwark: ${text}`;
}
/** A path of a socket has at most 107 bytes, so a long TMPDIR does not do. */
async function privateFolder() {
    const parent = Buffer.byteLength(tmpdir()) < 70 ? tmpdir() : '/tmp';
    return mkdtemp(join(parent, 'bulwark-try-'));
}
/** Ends the CLI: at the deadline, from outside, or when it waits for what never comes. */
function createEnding(deadline, outside) {
    const controller = new AbortController();
    let why;
    let isHeld = false;
    let quiet;
    const end = (reason) => {
        why ??= reason;
        controller.abort();
    };
    const interrupt = () => end('interrupted');
    const late = setTimeout(end, deadline, 'late');
    if (outside.aborted)
        interrupt();
    outside.addEventListener('abort', interrupt, { once: true });
    const heard = () => {
        clearTimeout(quiet);
        if (isHeld)
            quiet = setTimeout(end, quietTime, 'quiet');
    };
    return {
        signal: controller.signal,
        why: () => why,
        heard,
        hold() {
            isHeld = true;
            heard();
        },
        clear() {
            clearTimeout(late);
            clearTimeout(quiet);
            outside.removeEventListener('abort', interrupt);
        },
    };
}
function endingOf({ code, stdout, stderr }, requests, why) {
    if (why === 'interrupted')
        return { kind: 'interrupted' };
    if (requests.some(({ decision }) => !decision.allow))
        return { kind: 'whole' };
    if (why === 'late')
        return { kind: 'late' };
    if (code === 0 || why === 'quiet')
        return { kind: 'whole' };
    if (requests.some(({ decision }) => decision.action === 'session'))
        return { kind: 'buildkit' };
    // On a terminal all that is said comes as output.
    return { kind: 'stopped', code, said: stderr.trim() || stdout.trim() };
}
/** The CLI leaves the id of what it made in a file; here it was made up. */
async function removeIds(files, daemon) {
    for (const file of files) {
        const text = await readFile(file, 'utf8').catch(() => '');
        if (daemon.isOwnId(text))
            await rm(file, { force: true });
    }
}
/** util-linux's `script` gives a command a terminal, where it is installed. */
function terminalMaker() {
    return ['/usr/bin/script', '/bin/script'].find((place) => existsSync(place));
}
function onTerminal(script, argv) {
    const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    return { program: script, args: ['--quiet', '--return', '--command', quoted, '/dev/null'] };
}
