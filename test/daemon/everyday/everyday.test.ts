/** Ordinary work under `policies/baseline.yaml`: everything succeeds, and Bulwark denies nothing. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from '../bulwark.ts';
import { type Dockerd, startDockerd } from '../dockerd.ts';
import { describeReleases } from '../releases.ts';
import type { RunResult } from '../run.ts';
import { type Workplace, workplace } from '../workplace.ts';
import { composing } from './compose.ts';
import { containers } from './containers.ts';
import { images } from './images.ts';
import { projects } from './projects.ts';
import type { Row } from './row.ts';
import { running } from './running.ts';
import { things } from './things.ts';

const policies = join(import.meta.dirname, '../../../policies');

/** What rows may call beside programs; nothing waits longer than half a minute. */
const prelude = `set -eu
poll() {
  left=150
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "gave up on: $*" >&2; exit 99; }
    sleep 0.2
  done
}
tty() {
  line=
  for word; do line="$line '$word'"; done
  script --quiet --return --command "$line" /dev/null
}
cd /home/dev
`;

/** Commands of one group, which need only that the groups before them cleaned up. */
const groups: Readonly<Record<string, readonly Row[]>> = {
  'docker run': running,
  containers,
  'images and builds': images,
  compose: composing,
  'networks, volumes and the daemon': things,
};

test('the table has at least 80 commands, each once', () => {
  const names = Object.values(groups)
    .flat()
    .map(({ does }) => does);
  expect(names.length).toBeGreaterThanOrEqual(80);
  expect(new Set(names).size).toBe(names.length);
});

describeReleases('everyday work under the baseline', (release) => {
  let bulwark: Bulwark;
  let d: Dockerd;
  let place: Workplace;

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ pluginDir }) => {
        bulwark = await startBulwark({ socket: join(pluginDir, 'bulwark.sock'), policies: [policies] });
      },
    });
    place = await workplace(d);
    await d.startRegistry();
    for (const [path, text] of Object.entries(projects)) {
      await d.onHost(['sh', '-c', `mkdir -p "$(dirname "$1")"; cat > "$1"`, 'sh', path], { stdin: text });
    }
    const furnish = `docker network create --subnet 10.77.0.0/16 lan
docker run -d --name dev -v notes:/data busybox sh -c "echo ready; echo a note > /data/note; exec sleep 100000"
docker run -d --name site --network lan -p 127.0.0.1:8081:80 web
poll wget -qO- http://127.0.0.1:8081/
poll docker exec dev cat /data/note`;
    expect(await shell(furnish)).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  function shell(text: string): Promise<RunResult> {
    return place.shell(prelude + text);
  }

  const denials = () =>
    bulwark
      .logs()
      .split('\n')
      .filter((line) => line.includes('"denied"'));

  for (const [group, rows] of Object.entries(groups)) {
    describe(group, () => {
      test.for(rows)('$does', async ({ run, prints, code = 0, denied }) => {
        const before = denials().length;
        const result = await shell(run);
        expect(result, run).toMatchObject({ code });
        const said = result.stdout + result.stderr;
        if (typeof prints === 'string') expect(result.stdout.replaceAll('\r', '').trim()).toBe(prints);
        else if (prints !== undefined) expect(said).toMatch(prints);
        if (denied === undefined) expect(denials().slice(before)).toEqual([]);
        else {
          expect(said).toMatch(denied);
          await expect.poll(denials).toHaveLength(before + 1);
        }
      });
    });
  }
});
