import { z } from 'zod';
import { recordSchema } from '../../src/ledger/record.ts';
import { code, generatedFrom, table } from './markdown.ts';
import { type Schema, typeInWords } from './types.ts';

/** The page `docs/ledger.md`: the record, field by field. */
export function ledgerPage(): string {
  const [first] = recordSchema.options;
  const common = Object.keys(first.shape).filter((key) =>
    recordSchema.options.every((option) => Object.hasOwn(option.shape, key) && key !== 'type'),
  );
  const parts = recordSchema.options.map((option) => section(option, new Set(common)));
  return [
    generatedFrom('src/ledger/record.ts'),
    intro,
    fields(first, (key) => common.includes(key)),
    ...parts,
  ]
    .join('\n\n')
    .concat('\n');
}

const intro = `# The ledger

\`DATA/ledger.db\` is an SQLite file. Every request that the daemon asks about leaves a record in its table
\`records\`: canonical JSON (RFC 8785) in the column \`json\`, and columns to search by beside it. No denial and no
allowed write is answered before its record is durable; allowed reads follow within 50 ms.

A table \`claims\` names the allowed writes whose response is still to come, \`counts\` the repeats of the minutes under
way, \`policy_sets\` the policy files by the digest that records name.

What is counted of the records is in \`usage\`, \`seen\` and \`owners\` ([accounting.md](accounting.md)); \`account.through\` is
the \`seq\` of the last record that is in them. They are made of the records alone: a ledger without them gets them anew.

Nothing secret is in a record. Its \`digest\` is of the whole message, though: whoever can read the ledger can find out
whether a guess at a weak password in a message was right. The folder is for its owner alone (mode 0700).

## Every record`;

type Option = (typeof recordSchema.options)[number];

function section(option: Option, common: ReadonlySet<string>): string {
  const { type } = option.shape;
  const title = `## \`type: ${String([...type.values][0])}\``;
  return [title, type.description ?? '', fields(option, (key) => !common.has(key) && key !== 'type')].join(
    '\n\n',
  );
}

function fields(option: Option, wanted: (key: string) => boolean): string {
  // What zod writes for a strict object.
  const { properties = {}, required = [] } = z.toJSONSchema(option, { unrepresentable: 'any' }) as Schema;
  const rows = Object.entries(properties)
    .filter(([key]) => wanted(key))
    .map(([key, property]) => [
      code(key),
      property.type === undefined && property.enum === undefined ? 'map' : typeInWords(property),
      required.includes(key) ? '' : 'may be absent',
      property.description ?? '',
    ]);
  return table(['field', 'type', '', 'says'], rows);
}
