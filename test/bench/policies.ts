import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../process.ts';
import { median, throughput } from './load.ts';
import { create, read } from './messages.ts';
import { connections, time } from './plugin.ts';
import type { Servers } from './servers.ts';
import type { Row } from './table.ts';

const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n));

const head = (kind: string, name: string) =>
  `apiVersion: bulwark/v1\nkind: ${kind}\nmetadata: { name: ${name}, description: The rules of a team. }\n`;

/** A policy as people write them, for some. */
const policy = (name: string, match: string) => `${head('Policy', name)}spec:
  match: ${match}
  controls:
    capabilities: { allowAdd: [NET_BIND_SERVICE] }
    binds: { allowPaths: ["/srv/${name}/**", "/etc/localtime:ro"] }
    memory: { max: 2GiB }
    pids: { max: 5000 }
---
`;

const forAll = many(10, (n) => policy(`all-${n}`, '{ subjects: ["*"], actions: ["container.*"] }'));
const forOthers = many(990, (n) => policy(`team-${n}`, `{ subjects: ["user:user${n}", "group:team${n}"] }`));

const access = (name: string, subject: string) =>
  `${head('Access', name)}spec:\n  subjects: ["${subject}"]\n  allow:\n    - { actions: ["container.*", "image.*"] }\n---\n`;

const granted = many(10, (n) => access(`all-${n}`, n % 2 ? '*' : 'group:system:unauthenticated'));
const grantedToOthers = many(9990, (n) => access(`team-${n}`, `user:user${n}`));

/** Writes documents into a folder, some hundred a file; gives the folder. */
function folderOf(servers: Servers, name: string, documents: readonly string[]): string {
  const folder = join(servers.folder, `policies-${name}`);
  mkdirSync(folder);
  for (let n = 0; n < documents.length; n += 500)
    writeFileSync(join(folder, `${n}.yaml`), documents.slice(n, n + 500).join(''));
  return folder;
}

/** What a set costs a request that is as large as it gets, against one of ten. */
export async function largeSets(servers: Servers): Promise<readonly Row[]> {
  const start = (name: string, documents: readonly string[]) =>
    servers.bulwark(name, folderOf(servers, name, documents), ['--docker-host', 'off']);
  const base = [`${head('Policy', 'base')}spec: { profile: baseline }\n---\n`];
  const pairs = [
    {
      what: '1,000 policies',
      servers: [
        await start('policies-10', [...forAll, ...granted]),
        await start('policies-1000', [...forAll, ...forOthers, ...granted]),
      ],
    },
    {
      what: '10,000 grants',
      servers: [
        await start('grants-10', [...base, ...granted]),
        await start('grants-10000', [...base, ...granted, ...grantedToOthers]),
      ],
    },
  ];
  const rows: Row[] = [];
  for (const { what, servers: both } of pairs) {
    for (const { path } of both) await throughput(path, [read, create], { connections, count: 3000 });
    const pair = { servers: both };
    rows.push(await time({ what: `ps, ${what}`, ...pair, requests: [read], count: 3000 }, 1.3));
    rows.push(await time({ what: `create, ${what}`, ...pair, requests: [create], count: 500 }, 1.3));
  }
  return rows;
}

/** Files that take as long as any, within what is read of a file. */
const hostile: readonly (readonly [string, string])[] = [
  ['empty documents', '---\n'.repeat(150_000)],
  ['brackets', `${head('Policy', 'p')}spec: ${'['.repeat(290_000)}`],
  [
    'policies',
    many(9000, (n) => `${head('Policy', `p${n}`)}spec: {}\n---\n`)
      .join('')
      .slice(0, 900_000),
  ],
  ['a list', `${head('Policy', 'p')}spec:\n  match:\n    labels: [${'a,'.repeat(140_000)}]\n`],
];

const runs = 5;

/** How long a command takes that does nothing but load policies, from its call to its end. */
export function loading(servers: Servers): readonly Row[] {
  const policies = folderOf(servers, 'load', [...forAll, ...forOthers]);
  const rows = [row('check, 1,000 policies', policies, 2000)];
  for (const [what, text] of hostile)
    rows.push(row(`check, a hostile file: ${what}`, folderOf(servers, what, [text]), 5000));
  return rows;
}

function row(what: string, folder: string, most: number): Row {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    check(folder);
    return performance.now() - began;
  });
  const taken = median(times);
  return { what, bulwark: `${taken.toFixed(0)} ms`, bound: `< ${most} ms`, held: taken < most };
}

/** Whether the files are whole is not what is measured. */
function check(folder: string): void {
  try {
    const main = join(root, 'dist', 'cli', 'main.js');
    execFileSync(process.execPath, [main, 'check', folder], { stdio: 'ignore' });
  } catch (error) {
    if (!(error instanceof Error && 'status' in error && error.status === 1)) throw error;
  }
}
