import { z } from 'zod';
import { isWhole, type User } from '../../model/container.ts';
import { printable } from '../../model/printable.ts';
import type { RequestObject } from '../../model/request.ts';
import type { Subject } from '../../model/subject.ts';
import { control, type Finding } from '../control.ts';
import { matchesFor } from '../pattern.ts';
import { showList, showPatterns } from '../show.ts';

const parameters = z.strictObject({
  nonRoot: z
    .enum(['require', 'off'])
    .default('off')
    .describe(
      '`require`: containers run as a user who cannot be root, by number, or by a name of `allowNames`.',
    ),
  allowUids: z
    .array(z.union([z.int().nonnegative(), z.string().regex(/^\d+(-\d+)?$/)]))
    .optional()
    .describe('User ids that --user may name: numbers and ranges such as `1000-1999`; absent: any.'),
  allowNames: z
    .array(z.string())
    .optional()
    .describe('User names that --user may name, as patterns. Which id a name has, the image decides.'),
  denyRootGroup: z
    .boolean()
    .default(false)
    .describe('Whether the group must be given and not be root: --user 1000:1000.'),
});
type Parameters = z.infer<typeof parameters>;

/** A user that passes: the first of those allowed, else the first that most images and hosts give to people. */
function wayOut({ allowUids: [first = 1000] = [] }: Parameters): string {
  const id = String(first).split('-', 1)[0] ?? '1000';
  return `use --user ${id}:${id}, or another id that is allowed and not root's.`;
}

/**
 * Nobody can run an image that is not here: the client pulls it and asks again, and what starts is judged by then. A
 * service's tasks are not.
 */
function isPulledFirst({ container, images = [] }: Pick<RequestObject, 'container' | 'images'>): boolean {
  return container?.origin === 'create' && images.some(({ found }) => found === 'absent');
}

function inRanges(uid: number, ranges: readonly (number | string)[]): boolean {
  return ranges.some((range) => {
    const [first = '', last = first] = String(range).split('-');
    return Number(first) <= uid && uid <= Number(last);
  });
}

/** Why a stated user may not be used, if so. */
function judgeUser(
  user: User,
  { nonRoot, allowUids, allowNames }: Parameters,
  subject: Subject,
): string | undefined {
  if (user.uid !== undefined) {
    if (nonRoot === 'require' && user.root !== 'no') return 'is root inside the container';
    const allowed = allowUids === undefined || inRanges(user.uid, allowUids);
    return allowed ? undefined : `is not among the user ids that are allowed here (${showList(allowUids)})`;
  }
  if (nonRoot === 'require' && user.root === 'yes') return 'is root inside the container';
  if (allowNames?.some((pattern) => matchesFor(pattern, user.name, subject))) return undefined;
  if (nonRoot === 'require') return 'is a name that the image may give to root';
  if (allowNames === undefined && allowUids === undefined) return undefined;
  return `is not among the users that are allowed here (${allowNames ? showPatterns(allowNames, subject) : showList(allowUids ?? [])})`;
}

function saysNothing({ nonRoot, allowUids, allowNames, denyRootGroup }: Parameters): boolean {
  return nonRoot === 'off' && allowUids === undefined && allowNames === undefined && !denyRootGroup;
}

function judge(user: User | undefined, parameters: Parameters, subject: Subject): Finding[] {
  const { denyRootGroup } = parameters;
  const fix = wayOut(parameters);
  if (user === undefined) {
    if (saysNothing(parameters)) return [];
    const message = "--user is missing: without it the image's USER counts, which is mostly root.";
    return [{ message, fix }];
  }
  const value = printable(user.given);
  const shown = user.given === '' ? "the image's USER, which is missing," : `--user ${value}`;
  const findings: Finding[] = [];
  const reason = judgeUser(user, parameters, subject);
  if (reason !== undefined) findings.push({ message: `${shown} ${reason}.`, fix, value });
  if (denyRootGroup && user.rootGroup !== 'no') {
    const message = `${shown} has root's group, or may have it, and with it root's files.`;
    findings.push({ part: 'group', message, fix, value });
  }
  return findings;
}

const off: Parameters = { nonRoot: 'off', denyRootGroup: false };
const required: Parameters = { nonRoot: 'require', denyRootGroup: false };

export const user = control({
  name: 'user',
  flags: ['docker run --user', 'docker exec --user', 'docker service create --user'],
  about:
    "Root inside a container is one flaw of the kernel away from root on the host. Names say nothing here: the image's own /etc/passwd may give any name to root.",
  reads: ['container', 'exec', 'images'],
  fields: ['Config.User', 'ContainerSpec.User', 'ExecCreate.User', 'ImageConfig.User'],
  parameters,
  needs: (parameters) => (saysNothing(parameters) ? [] : ['image']),
  profiles: { restricted: { nonRoot: 'require', denyRootGroup: false } },
  check({ object }, parameters, { subject, factsToCome = false }) {
    const { container, exec } = object;
    const findings: Finding[] = [];
    const open = container?.user === undefined && (factsToCome || isPulledFirst(object));
    if (container !== undefined && isWhole(container) && !open) {
      findings.push(...judge(container.user, parameters, subject));
    }
    // Without --user an exec runs as the container's user, who was judged with the container.
    if (exec?.user !== undefined) findings.push(...judge(exec.user, parameters, subject));
    return findings;
  },
  examples: [
    { docker: 'docker run alpine', with: off },
    { docker: 'docker run --user root alpine', with: off },
    { docker: 'docker run --user 1000:1000 alpine', with: required },
    { docker: 'docker run --user 1000 alpine', with: required },
    { docker: 'docker run alpine', with: required, breaks: [''] },
    { docker: 'docker run --user root alpine', with: required, breaks: [''] },
    { docker: 'docker run --user 0:1000 alpine', with: required, breaks: [''] },
    { docker: 'docker run --user 00 alpine', with: required, breaks: [''] },
    { docker: 'docker run --user +0 alpine', with: required, breaks: [''] },
    { docker: 'docker run --user=-0 alpine', with: required, breaks: [''] },
    { docker: 'docker run --user :1000 alpine', with: required, breaks: [''] },
    { docker: 'docker run --user app alpine', with: required, breaks: [''] },
    { docker: 'docker run --user app alpine', with: { ...required, allowNames: ['app'] } },
    { docker: 'docker run --user root alpine', with: { ...required, allowNames: ['*'] }, breaks: [''] },
    { docker: 'docker service create alpine', with: required, breaks: [''] },
    { docker: 'docker service create --user 1000 alpine', with: required },
    { docker: 'docker exec web id', with: required },
    { docker: 'docker exec --user root web id', with: required, breaks: [''] },
    { docker: 'docker run --user 1500 alpine', with: { ...off, allowUids: ['1000-1999', 3000] } },
    {
      docker: 'docker run --user 2000 alpine',
      with: { ...off, allowUids: ['1000-1999', 3000] },
      breaks: [''],
    },
    { docker: 'docker run --user app alpine', with: { ...off, allowUids: [3000] }, breaks: [''] },
    { docker: 'docker run --user 1000:1000 alpine', with: { ...off, denyRootGroup: true } },
    { docker: 'docker run --user 1000 alpine', with: { ...off, denyRootGroup: true }, breaks: ['group'] },
    {
      docker: 'docker run --user 1000:root alpine',
      with: { ...off, denyRootGroup: true },
      breaks: ['group'],
    },
    { docker: 'docker run --user 1000:0 alpine', with: { ...off, denyRootGroup: true }, breaks: ['group'] },
  ],
});
