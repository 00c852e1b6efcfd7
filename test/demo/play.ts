import { join } from 'node:path';
import { startBulwark } from '../daemon/bulwark.ts';
import { startDockerd } from '../daemon/dockerd.ts';
import { type Workplace, workplace } from '../daemon/workplace.ts';
import { type Stop, tour } from './tour.ts';

const policies = join(import.meta.dirname, '../../policies');
const project = 'mkdir -p /home/you/project && cd /home/you/project';
const dockerfile = 'FROM busybox\nARG VERSION\nRUN echo "$VERSION" > /version\n';

/**
 * Starts a private daemon with Bulwark in front, plays the tour with the docker CLI and says line by line what
 * happens. Nothing of the host's own Docker is touched, and nothing is left.
 *
 * @returns the commands whose answer was not the expected one
 */
export async function playDemo(say: (line: string) => void): Promise<readonly string[]> {
  say(
    'Starting a private dockerd with Bulwark and policies/baseline.yaml (the first time fetches packages) ...',
  );
  const socketOf = (pluginDir: string) => join(pluginDir, 'bulwark.sock');
  await using ends = new AsyncDisposableStack();
  const d = await startDockerd({
    release: '20.10',
    plugins: ['bulwark'],
    before: async ({ pluginDir }) => {
      const bulwark = await startBulwark({ socket: socketOf(pluginDir), policies: [policies] });
      ends.defer(async () => void (await bulwark.stop()));
    },
  });
  // Before Bulwark, which its daemon would miss.
  ends.defer(() => d.stop());
  const place = await workplace(d);
  await place.shell(`${project} && cat > Dockerfile`, { stdin: dockerfile });
  const wrong: string[] = [];
  for (const stop of tour) if (!(await play(stop, place, say))) wrong.push(stop.command);
  say('');
  say(
    wrong.length === 0
      ? `All ${tour.length} answers were the expected ones.`
      : `${wrong.length} of ${tour.length} answers were NOT the expected ones.`,
  );
  return wrong;
}

/** Plays one command; false where its answer is not the expected one. */
async function play(stop: Stop, place: Workplace, say: (line: string) => void): Promise<boolean> {
  const { about, command, expect } = stop;
  say('');
  say(`# ${about}`);
  say(`$ ${command}`);
  const { code, stdout, stderr } = await place.shell(`${project} && ${command}`);
  for (const line of `${stdout}${stderr}`.trimEnd().split('\n')) if (line !== '') say(line);
  const isDenied = stderr.includes('authorization denied by plugin bulwark');
  const right =
    'denied' in expect
      ? isDenied && code !== 0 && stderr.includes(`${expect.denied}: `)
      : code === 0 && stdout.includes(expect.prints);
  const expected = 'denied' in expect ? `denied by ${expect.denied}` : 'allowed';
  say(right ? `=> ${expected}, as expected` : `=> WRONG: expected it to be ${expected} (exit code ${code})`);
  return right;
}
