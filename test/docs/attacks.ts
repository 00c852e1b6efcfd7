import { type Row, type Stage, stageOn } from '../attack/row.ts';
import { rows } from '../attack/rows/index.ts';
import { code, generatedFrom, table } from './markdown.ts';

const words: Readonly<Record<Stage, string>> = {
  read: 'when it is read',
  create: 'by what the request says and names',
  start: 'by the second gate, what is stored',
  front: '**not stopped**',
};

/** The page `docs/attacks.md`: every attack that the tests run, by kind. */
export function attacksPage(): string {
  const kinds = Map.groupBy(rows, ({ kind }) => kind);
  const lines = [...kinds].flatMap(([kind, all]) =>
    [...Map.groupBy(all, stoppedAt)].map(([stage, some]) => [
      kind,
      stage,
      some.map(({ id, release }) => code(id) + (release === undefined ? '' : ` (${release})`)).join(' '),
    ]),
  );
  return `${generatedFrom('test/attack/rows')}

# Attacks

Each of these ${rows.length} is run by \`test/attack/attack.test.ts\` on two real daemons of each release: without Bulwark
it must work, or it would prove nothing, and with the shipped policies it must not. Those that work on
one release alone have it behind them. \`SECURITY.md\` says what they add up to.

${table(['kind', 'stopped', 'tests'], lines)}
`;
}

function stoppedAt(row: Row): string {
  const [older, newer] = [stageOn(row, '20.10'), stageOn(row, '26.1')];
  return older === newer ? words[older] : `20.10: ${words[older]}; 26.1: ${words[newer]}`;
}
