import { z } from 'zod';
import { printable } from '../../model/printable.ts';
import { control, type Finding } from '../control.ts';
import { matches, matchesFor } from '../pattern.ts';
import { showList, showPatterns } from '../show.ts';

export const exec = control({
  name: 'exec',
  flags: ['docker exec --privileged', 'docker exec --user', 'docker exec --env'],
  about:
    'A privileged exec gives its process every capability, in a container that was admitted without them; --user and --env choose who it is there and with which settings.',
  reads: ['exec'],
  fields: ['ExecCreate.Privileged', 'ExecCreate.User', 'ExecCreate.Env'],
  parameters: z.strictObject({
    privileged: z.boolean().default(false).describe('Whether --privileged may be given.'),
    users: z
      .array(z.string())
      .optional()
      .describe('What --user may say, as patterns; absent: anything. Without --user it is always allowed.'),
    env: z
      .array(z.string())
      .optional()
      .describe('Names of variables that --env may set, as patterns; absent: any.'),
  }),
  profiles: { baseline: { privileged: false }, restricted: { privileged: false } },
  check({ object }, { privileged, users, env }, { subject }) {
    if (object.exec === undefined) return [];
    const findings: Finding[] = [];
    if (object.exec.privileged && !privileged) {
      findings.push({
        message: '--privileged gives the process every capability: root in it is close to root on the host.',
        fix: 'drop --privileged; what a container needs it gets when it is made, as with docker run --cap-add NET_BIND_SERVICE.',
      });
    }
    const { user } = object.exec;
    if (
      user !== undefined &&
      users !== undefined &&
      !users.some((pattern) => matchesFor(pattern, user.given, subject))
    ) {
      findings.push({
        part: 'user',
        message: `--user ${printable(user.given)} enters the container as a user that is not allowed here.`,
        fix: `drop --user to enter as the container's own user; allowed are: ${showPatterns(users, subject)}.`,
        value: printable(user.given),
      });
    }
    for (const name of object.exec.env) {
      if (env === undefined || env.some((pattern) => matches(pattern, name))) continue;
      findings.push({
        part: 'env',
        message: `--env ${printable(name)} sets a variable that is not allowed here.`,
        fix: `drop it; variables allowed are: ${showList(env)}.`,
        value: printable(name),
      });
    }
    return findings;
  },
  examples: [
    { docker: 'docker exec web id' },
    { docker: 'docker exec --user root --env DEBUG=1 web id' },
    { docker: 'docker exec --privileged=false web id' },
    { docker: 'docker exec --privileged web id', breaks: [''] },
    { docker: 'docker container exec --privileged --user 1000 web id', breaks: [''] },
    {
      request: { method: 'POST', uri: '/v1.24/containers/web/exec', body: { Cmd: ['id'], privileged: true } },
      breaks: [''],
    },
    { docker: 'docker exec --privileged web id', with: { privileged: true } },
    { docker: 'docker exec web id', with: { privileged: false, users: [] } },
    { docker: 'docker exec -u 1000:1000 web id', with: { privileged: false, users: ['1000:*'] } },
    { docker: 'docker exec -u 0 web id', with: { privileged: false, users: ['1000:*'] }, breaks: ['user'] },
    { docker: 'docker exec -e LANG=C web id', with: { privileged: false, env: ['LANG', 'LC_*'] } },
    {
      docker: 'docker exec -e LD_PRELOAD=/tmp/x.so web id',
      with: { privileged: false, env: ['LANG', 'LC_*'] },
      breaks: ['env'],
    },
  ],
});
