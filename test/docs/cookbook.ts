import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { block, code, generatedFrom, table } from './markdown.ts';

/** Where the recipes are, a folder each: `policy.yaml` and `policy.test.yaml`. */
const cookbookFolder = join(import.meta.dirname, '../../docs/cookbook');

/** The chapters, with the folders of their recipes in the order in which they are told. */
const chapters: Readonly<Record<string, readonly string[]>> = {
  Images: ['only-our-registry', 'no-latest', 'only-ci-builds', 'no-secrets'],
  'Folders and volumes': ['own-folders', 'read-only-root', 'no-copy-out', 'file-servers'],
  Network: ['loopback-ports', 'team-networks'],
  Resources: ['limits', 'gpus', 'restarts', 'logs'],
  People: ['who-may-exec', 'monitoring', 'docker-in-docker'],
  'From today to tomorrow': ['audit-first', 'until-friday', 'rules-per-host'],
};

/** The page `docs/cookbook.md`. */
export function cookbookPage(): string {
  const told = Object.values(chapters).flat();
  const there = readdirSync(cookbookFolder);
  const missing = there.filter((name) => !told.includes(name));
  if (missing.length > 0) throw new Error(`no chapter of test/docs/cookbook.ts tells ${missing.join(', ')}`);
  const all = Object.entries(chapters).map(([title, names]) => ({ title, recipes: names.map(recipe) }));
  return [
    generatedFrom('docs/cookbook/*/'),
    intro,
    ...all.map(({ title, recipes }) => [title, ...recipes.map(link)].join('\n')),
    ...all.flatMap(({ title, recipes }) => [`## ${title}`, ...recipes.map(section)]),
  ]
    .join('\n\n')
    .concat('\n');
}

const intro = `# Cookbook

Twenty questions of administrators, each with a policy that answers it. The file goes beside your \`baseline.yaml\`: a
request must pass every Policy, so one more only tightens. Where a recipe *is* the baseline, with another value, it takes the
place of yours. Each is a file in [docs/cookbook](cookbook) with its tests, which are the tables here:

${block('sh', 'bin/bulwark test docs/cookbook/limits')}

[policies/examples](../policies/examples) has whole sets: a shared lab, CI runners, a homelab, a hardened host.
[controls.md](controls.md) has every control with its parameters, [first-policy.md](first-policy.md) the first steps.`;

/** What the page shows of a test; whether it is a whole one, `bulwark test` says. */
const around = { as: z.string().optional(), now: z.string().optional() };
const names = z.array(z.string()).default([]);
const shownTest = z.object({
  spec: z.object({
    ...around,
    cases: z.array(
      z.object({
        name: z.string(),
        docker: z.string().optional(),
        request: z
          .object({ action: z.string(), query: z.record(z.string(), z.unknown()).default({}) })
          .optional(),
        ...around,
        host: z.string().optional(),
        expect: z.object({ decision: z.string(), rules: names, observed: names, exceptions: names }),
      }),
    ),
  }),
});
type Spec = z.output<typeof shownTest>['spec'];
type Case = Spec['cases'][number];

interface Recipe {
  readonly title: string;
  /** The comment at the head of the file, as Markdown. */
  readonly about: string;
  readonly yaml: string;
  readonly spec: Spec;
}

/** @throws Error where the head of a policy or its test is not as it must be */
function recipe(name: string): Recipe {
  const read = (file: string) => readFileSync(join(cookbookFolder, name, file), 'utf8');
  const head = /^# yaml-language-server: .*\n#\n# (.+)\n#\n((?:#.*\n)+)/;
  const policy = read('policy.yaml');
  const [all, title, about] = head.exec(policy) ?? [];
  if (all === undefined || title === undefined || about === undefined)
    throw new Error(`docs/cookbook/${name}/policy.yaml begins without a title and what it says`);
  const { spec } = shownTest.parse(parse(read('policy.test.yaml')));
  return { title, about: about.replace(/^# ?/gm, '').trim(), yaml: policy.slice(all.length), spec };
}

function link({ title }: Recipe): string {
  const anchor = title.toLowerCase().replace(/[^\w -]/g, '');
  return `- [${title}](#${anchor.replaceAll(' ', '-')})`;
}

function section({ title, about, yaml, spec }: Recipe): string {
  const rows = spec.cases.map((one) => [one.name, question(one, spec), answer(one)]);
  return [`### ${title}`, about, block('yaml', yaml), table(['case', 'asks', 'is'], rows)].join('\n\n');
}

function question({ docker, request, host, ...own }: Case, all: Spec): string {
  const { as = all.as, now = all.now } = own;
  const query = Object.entries(request?.query ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    code(docker === undefined ? [request?.action, ...query].join(' ') : `docker ${docker}`),
    ...(as === undefined ? [] : [`as ${code(as)}`]),
    ...(host === undefined ? [] : [`on ${code(host)}`]),
    ...(now === undefined ? [] : [`at ${now}`]),
  ].join(', ');
}

function answer({ expect: { decision, rules, observed, exceptions } }: Case): string {
  const list = (all: readonly string[]) => all.map(code).join(', ');
  if (decision === 'deny') return `denied by ${list(rules)}`;
  if (observed.length > 0) return `allowed, noted as ${list(observed)}`;
  return exceptions.length > 0 ? `allowed by the exception ${list(exceptions)}` : 'allowed';
}
