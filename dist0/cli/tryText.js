import { denialText } from '../authz/denial.js';
import { printable } from '../model/printable.js';
/** `allow` only where every request of the command is known and passes. */
export function verdictOf({ requests, ending }) {
    if (requests.some(({ decision }) => !decision.allow))
        return 'deny';
    return ending.kind === 'whole' || ending.kind === 'buildkit' ? 'allow' : 'unknown';
}
/** For people: a line a request that matters, below a denial what the docker CLI would print of it, and the sum. */
export function trialText(trial, told, verbose) {
    const shown = repeated(trial.requests.filter(matters(trial.requests)));
    const width = Math.max(0, ...shown.map(([{ decision }]) => decision.action.length));
    const lines = shown.flatMap(([request, times]) => requestLines(request, times, width));
    const stderr = [...(verbose ? said(trial.output) : []), ...notes(trial, told)];
    return { stdout: text([...lines, ...summary(trial, told)]), stderr: text(stderr) };
}
/** For programs: one document with every request. */
export function trialJson(trial, { command, subject, set, deadline }) {
    const requests = trial.requests.map(({ message, request, decision }) => ({
        allow: decision.allow,
        action: decision.action,
        ...(request && { operation: request.operation, resource: request.resource }),
        method: message.method,
        uri: message.uri,
        violations: decision.violations,
    }));
    const answer = {
        verdict: verdictOf(trial),
        command,
        subject,
        policySet: set.digest,
        ending: trial.ending,
        requests,
    };
    return {
        stdout: `${JSON.stringify(answer, null, 2)}\n`,
        stderr: text(notes(trial, { command, subject, set, deadline })),
    };
}
/** Writes and denials matter; of a command that does nothing but read, its reads do. */
function matters(requests) {
    const isWrite = ({ request }) => request !== undefined && request.operation !== 'READ';
    const isTalk = ({ decision }) => /^system\.(?:ping|version|info)$/.test(decision.action);
    const isDenied = ({ decision }) => !decision.allow;
    for (const one of [isWrite, (request) => !isTalk(request)]) {
        if (requests.some(one))
            return (request) => one(request) || isDenied(request);
    }
    return ({ decision }) => decision.action !== 'system.ping';
}
/** Neighbours that look the same, once, and how many they are. */
function repeated(requests) {
    const groups = [];
    for (const request of requests) {
        const last = groups.at(-1);
        if (last !== undefined && look(last[0]) === look(request))
            last[1] += 1;
        else
            groups.push([request, 1]);
    }
    return groups;
}
function look(request) {
    const { allow, action, violations } = request.decision;
    return JSON.stringify([allow, action, nameOf(request), violations]);
}
function requestLines(request, times, width) {
    const { decision } = request;
    const head = [
        decision.allow ? 'allow ' : 'DENY  ',
        decision.action.padEnd(width),
        nameOf(request),
        times > 1 ? `(${times} times)` : '',
    ];
    const line = head
        .filter((part) => part !== '')
        .join('  ')
        .trimEnd();
    if (decision.allow)
        return [line];
    // The last line of a denial names the decision, which is on no record here, and who asked, which the sum says.
    return [
        line,
        ...denialText(decision)
            .split('\n')
            .slice(0, -1)
            .map((violation) => `        ${violation}`),
    ];
}
/** The thing that a request speaks of: its image, its name, or nothing where the id was made up here. */
function nameOf({ request, message, ofOwn }) {
    if (request === undefined)
        return printable(`${message.method} ${message.uri}`, 100);
    const { resource, object } = request;
    const image = object.images?.find(({ ref }) => ref !== undefined)?.ref;
    const name = ofOwn ? '' : (resource.ref ?? '');
    const of = image === undefined ? '' : image.given;
    return printable([name, of === name ? '' : of].filter((part) => part !== '').join(' of '), 100);
}
function summary(trial, { subject }) {
    const { requests } = trial;
    const verdict = verdictOf(trial);
    if (verdict === 'unknown')
        return [];
    if (requests.length === 0)
        return ['allowed: no daemon is asked for anything'];
    const by = `asked by ${printable(subject.name)}`;
    const denied = requests.filter(({ decision }) => !decision.allow).length;
    if (verdict === 'deny')
        return ['', `denied: ${denied} of ${count(requests.length, 'request')}, ${by}`];
    return ['', `allowed: ${count(requests.length, 'request')}, ${by}`];
}
/** What limits the answer, or why there is none. */
function notes({ ending }, { deadline }) {
    switch (ending.kind) {
        case 'whole':
            return [];
        case 'buildkit':
            return ['note: BuildKit asks the daemon over connections into which no authorization plugin sees.'];
        case 'interrupted':
            return ['error: interrupted.'];
        case 'late':
            return [
                `error: the docker CLI had not ended after ${deadline / 1000} s.`,
                'What it would have asked then is not judged. Raise --deadline if the machine is busy.',
            ];
        case 'stopped':
            return [
                `error: the docker CLI ended with exit code ${ending.code ?? 'unknown'}:`,
                ...said(ending.said),
                'What it would have asked then is not judged. Mend the command and try again.',
            ];
    }
}
/** What another program wrote, so that it can only be read. */
function said(output) {
    const lines = output.split(/\r*\n|\r/).filter((line) => line.trim() !== '');
    return lines.slice(-200).map((line) => `  | ${printable(line, 500)}`);
}
function text(lines) {
    return lines.map((line) => `${line}\n`).join('');
}
function count(number, what) {
    return `${number} ${what}${number === 1 ? '' : 's'}`;
}
