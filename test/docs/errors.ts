import { codes } from '../../src/model/codes.ts';
import { code, generatedFrom, table } from './markdown.ts';

/** The page `docs/errors.md`: every stable code. */
export function errorsPage(): string {
  const rows = Object.entries(codes).map(([name, { means, fix }]) => [
    `<a id="${name}"></a>${code(name)}`,
    means,
    fix,
  ]);
  return `${generatedFrom('src/model/codes.ts')}

# Codes

Every refusal of Bulwark that is not a rule of a policy has a code, which stays the same from release to
release. A denial begins with it, \`bulwark check --output json\` and the problems of the admin API carry it, and logs can be searched for it.

${table(['code', 'what it means', 'what to do'], rows)}
`;
}
