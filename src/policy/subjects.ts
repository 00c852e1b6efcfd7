import { z } from 'zod';
import type { Subject } from '../model/subject.ts';
import { matches } from './pattern.ts';
import { spend } from './work.ts';

/** Words by which a caller is spoken of, in policies and in `--as`: how a name is said, and how a group. */
export const nameKinds: readonly string[] = ['user', 'cn'];
export const groupKinds: readonly string[] = ['group', 'ou', 'o', 'dns', 'email', 'uri', 'claim'];

const form = new RegExp(`^(?:\\*|(?:${[...nameKinds, ...groupKinds].join('|')}):.+)$`, 's');

/** Whom a document speaks of: `user:alice`, `group:web`, `ou:Web`, as globs, or `*` for everybody. */
export const subjectPattern = z
  .string()
  .regex(
    form,
    'write `user:NAME`, `group:NAME`, `cn:`, `ou:`, `o:`, `dns:`, `email:`, `uri:` or `claim:`, or `*` for everybody, also who has no name',
  )
  .refine((text) => !/^[a-z]+:\*+$/.test(text), {
    error:
      'this could mean everybody, or everybody with a name: write `*` for the one, `group:system:authenticated` for the other',
  })
  .meta({ title: 'subject' });

/**
 * Whether a pattern speaks of a caller. Groups of certificates and claims of tokens are among a subject's groups with
 * their prefix. Names that begin with `system:` are Bulwark's own words, so that a glob never finds one by chance.
 */
export function subjectMatches(pattern: string, { name, groups, method }: Subject): boolean {
  spend(1 + groups.length);
  if (pattern === '*') return true;
  const colon = pattern.indexOf(':');
  const wanted = pattern.slice(colon + 1);
  switch (pattern.slice(0, colon)) {
    case 'user':
      return nameMatches(wanted, name);
    case 'cn':
      return method === 'tls' && nameMatches(wanted, name);
    case 'group':
      return groups.some((group) => nameMatches(wanted, group));
    default:
      return groups.some((group) => nameMatches(pattern, group));
  }
}

function nameMatches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  return (pattern.startsWith('system:') || !name.startsWith('system:')) && matches(pattern, name);
}

/** A group's name as a Subjects document gives it: no prefix, so that nobody is taken for what Bulwark says of them. */
const groupName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'a group has letters, digits, `.`, `_` and `-`, at most 63; with `:` begin those of certificates, and of Bulwark',
  );

/** The `spec` of a Subjects document. */
export const subjectsSpec = z.strictObject({
  groups: z
    .record(
      groupName,
      z.strictObject({
        members: z
          .array(
            subjectPattern
              .refine((text) => text !== '*', { error: 'everybody is `group:system:authenticated`' })
              .refine((text) => !(text.startsWith('group:') && text.includes('*')), {
                error: 'name each group: a glob over groups could hold the group itself',
              }),
          )
          .describe(
            'Who is in it: `user:alice`, `cn:`, `ou:`, `o:`, `dns:`, `email:`, `uri:`, `claim:team=web`, as globs, or another `group:web`.',
          ),
      }),
    )
    .describe('Groups by name; one that stands in several documents has the members of all.'),
});

/** Members by group. */
export type Members = ReadonlyMap<string, readonly string[]>;

/** A caller with the groups that policies put it into, however far: a group may have a group as its member. */
export function withGroups(subject: Subject, members: Members): Subject {
  if (members.size === 0) return subject;
  const holders = holdersOf(members);
  const groups = new Set(subject.groups);
  const open = [...groups, ...directGroups(subject, members)];
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    groups.add(group);
    for (const holder of holders.get(group) ?? []) if (!groups.has(holder)) open.push(holder);
  }
  return groups.size === subject.groups.length ? subject : { ...subject, groups: [...groups].sort() };
}

function directGroups(subject: Subject, members: Members): string[] {
  return [...members].flatMap(([group, patterns]) =>
    patterns.some((pattern) => subjectMatches(pattern, subject)) ? [group] : [],
  );
}

/** The groups of which a group is a member. */
function holdersOf(members: Members): ReadonlyMap<string, readonly string[]> {
  const holders = new Map<string, string[]>();
  for (const [group, patterns] of members) {
    for (const pattern of patterns) {
      if (!pattern.startsWith('group:')) continue;
      const member = pattern.slice('group:'.length);
      const known = holders.get(member);
      if (known === undefined) holders.set(member, [group]);
      else known.push(group);
    }
  }
  return holders;
}
