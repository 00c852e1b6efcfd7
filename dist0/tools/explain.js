import { policiesIn } from '../policyfiles/load.js';
import { asCommand, asRoute } from './asCommand.js';
/** What a decision was about, how it came about and what became of it. Pure. */
export function explainDecision({ decision, later, policies: files }) {
    const command = asCommand(decision);
    const route = asRoute(decision);
    const policies = files && policiesIn(files);
    const { violations = [] } = decision;
    const lines = violations.flatMap(({ source }) => {
        const text = files?.find(({ file }) => file === source?.file)?.text.split('\n')[(source?.line ?? 0) - 1];
        return source === undefined || text === undefined ? [] : [[`${source.file}:${source.line}`, text]];
    });
    const isBroken = (name) => violations.some(({ rule }) => rule === name || rule.startsWith(`${name}.`));
    return {
        decision,
        ...(command && { command }),
        ...(route !== undefined && { route }),
        response: responseOf(decision, later),
        ...(policies && {
            policies: policies.map(({ name, checks }) => ({
                policy: name,
                controls: checks.map(({ control, source }) => ({
                    control,
                    source,
                    broken: isBroken(`${name}/${control}`),
                })),
            })),
        }),
        lines: Object.fromEntries(lines),
    };
}
function responseOf({ decision, operation }, later) {
    for (const record of later) {
        if (record.type === 'corrected')
            return { kind: 'corrected', reason: record.reason };
        if (record.type !== 'settled')
            continue;
        const { outcome, status, newId, time } = record;
        return {
            kind: 'settled',
            outcome,
            ...(status !== undefined && { status }),
            ...(newId !== undefined && { newId }),
            time,
        };
    }
    if (decision === 'deny')
        return { kind: 'denied' };
    return { kind: operation === 'READ' ? 'read' : 'awaited' };
}
