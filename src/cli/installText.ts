import type { Plan } from '../host/install.ts';
import { isExcepted, type Refused } from '../host/survey.ts';
import { printable } from '../model/printable.ts';

/** What an installation will do, for people. */
export function installText(
  { daemon, watches, refused, steps }: Plan,
  asked: { readonly socket: string; readonly isExcepted: boolean },
): string {
  const { pid, unit, configFile } = daemon;
  const what = `process ${pid}${unit === undefined ? '' : ` of ${unit}`}, on ${asked.socket}, configured by ${configFile}`;
  return [
    `daemon   ${printable(what, 2000)}`,
    `policies ${watches ? 'only watch: nothing is denied by them' : 'deny'}`,
    ...(refused.length === 0 ? [] : existing(refused, asked.isExcepted)),
    '',
    'what will be done',
    ...steps.map(({ what: step }, at) => `  ${String(at + 1).padStart(2)}. ${printable(step, 2000)}`),
    '',
  ].join('\n');
}

function existing(refused: readonly Refused[], excepted: boolean): readonly string[] {
  const hopeless = refused.filter(({ violations }) => !violations.every(isExcepted));
  return [
    '',
    `these ${refused.length} containers are there already and would not start again`,
    ...refused.flatMap(({ name, image, state, violations }) => [
      `  ${printable(`${name} (${image}), ${state}`, 300)}`,
      ...violations.map(({ rule, message }) => `    ${printable(`${rule}: ${message}`, 1000)}`),
    ]),
    excepted
      ? '  They are let off for a while, by the exceptions below.'
      : '  What runs goes on until it stops. Let them off for a while, by exceptions that end: `--except-existing`.',
    ...(excepted && hopeless.length > 0
      ? [
          `  No exception helps ${printable(hopeless.map(({ name }) => name).join(', '), 1000)}: it cannot be read.`,
        ]
      : []),
  ];
}
