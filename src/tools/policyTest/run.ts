import type { Message } from '../../model/message.ts';
import { printable } from '../../model/printable.ts';
import type { Protect } from '../../model/protect.ts';
import { anonymous, type Subject } from '../../model/subject.ts';
import { reachedBy } from '../../normalize/reached.ts';
import type { PolicySet } from '../../policy/compile.ts';
import { type Judged, judgeAlone } from '../judgeAlone.ts';
import { verdictOf } from '../trialAnswer.ts';
import type { Ending } from '../try.ts';
import { Command, type CommandOptions, type Ran } from './commands.ts';
import { differences, type Got, type Problem } from './expect.ts';
import { holdWith } from './facts.ts';
import type { Case } from './load.ts';

/** What cases take for Bulwark's own, on every machine the same. */
export const ownThings: Protect = {
  paths: ['/var/lib/bulwark', '/etc/bulwark'],
  sockets: [],
  container: 'bulwark',
  plugin: 'bulwark',
};

/** How a case ended. */
export interface Result {
  readonly case: Case;
  /** Absent where the docker CLI gave up before all of its requests were known. */
  readonly got?: Got;
  /** Empty: it passed. */
  readonly problems: readonly Problem[];
}

export interface RunOptions extends Omit<CommandOptions, 'cwd'> {
  readonly set: PolicySet;
  /** Who asks where neither a case nor its document says it. */
  readonly as?: Subject | undefined;
  /** The time where neither says it, in milliseconds since 1970. */
  readonly now: number;
}

/** Commands at a time: the CLI waits a good part of its time. */
const atOnce = 4;

/** Holds cases against a policy set, each by itself. The results are in the order of the cases. */
export async function runCases(cases: readonly Case[], options: RunOptions): Promise<readonly Result[]> {
  const results: Result[] = cases.flatMap((one) => judgeMessage(one, options));
  const waiting = sameCommand(cases);
  const worker = async () => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift())
      results.push(...(await runCommand(group, options)));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results.sort((a, b) => cases.indexOf(a.case) - cases.indexOf(b.case));
}

function judgeMessage(one: Case, options: RunOptions): readonly Result[] {
  const { request } = one;
  if (request === undefined) return [];
  return [resultOf(one, { requests: [judgeIn(one, options)(request)], ending: { kind: 'whole' } })];
}

/** Cases with one command in one folder, which may share its runs. */
function sameCommand(cases: readonly Case[]): (readonly Case[])[] {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    if (one.docker === undefined) continue;
    const key = JSON.stringify([one.folder, one.docker]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

async function runCommand(group: readonly Case[], options: RunOptions): Promise<readonly Result[]> {
  const [{ docker: words = [], folder: cwd } = { folder: '' }] = group;
  const { env, deadline, signal, program } = options;
  const command = new Command(words, {
    env,
    cwd,
    deadline,
    signal,
    ...(program !== undefined && { program }),
  });
  const results: Result[] = [];
  for (const one of group) results.push(resultOf(one, await command.run(judgeIn(one, options))));
  return results;
}

function judgeIn(one: Case, { set, as = anonymous, now }: RunOptions): (message: Message) => Judged {
  const { facts, host } = one;
  const context = {
    subject: one.as ?? as,
    protect: ownThings,
    now: one.now ?? now,
    ...(host !== undefined && { host }),
  };
  return (message) => judgeAlone(message, set, context, facts && holdWith(facts));
}

function resultOf(one: Case, { requests, ending }: Ran): Result {
  const idle = idleFacts(one, requests);
  const decision = verdictOf({ requests, ending });
  if (decision === 'unknown')
    return { case: one, problems: [{ of: 'docker', text: gaveUp(ending) }, ...idle] };
  const decisions = requests.map((judged) => judged.decision);
  const got: Got = {
    decision,
    violations: decisions.flatMap(({ violations }) => violations),
    observed: decisions.flatMap(({ observed = [] }) => observed),
    exceptions: [...new Set(decisions.flatMap(({ exceptions = [] }) => exceptions))],
  };
  return { case: one, got, problems: [...differences(one.expect, got), ...idle] };
}

/** A stored container that no request reaches shows nothing, whatever its case expects. */
function idleFacts({ facts }: Case, requests: readonly Judged[]): readonly Problem[] {
  const isReached = requests.some(({ request }) => request !== undefined && reachedBy(request) !== undefined);
  return facts?.container === undefined || isReached
    ? []
    : [
        {
          of: 'facts',
          text: 'no request starts, reaches into or joins a container, so `container` says nothing',
        },
      ];
}

/** What the CLI says in its last words. */
function gaveUp(ending: Ending): string {
  if (ending.kind !== 'stopped') return `the docker CLI did not end (${ending.kind})`;
  // Its error comes before its usage.
  const said = (ending.said.split(/^Usage:/m, 1)[0] ?? '')
    .split(/\r*\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:See |Run )'docker/.test(line));
  return `the docker CLI ended with exit code ${ending.code ?? 'unknown'}: ${printable(said.join(' '), 400)}`;
}
