/** The sets of `policies/examples` in force: everyday work goes on, and what they promise to deny is denied. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bulwark, startBulwark } from './bulwark.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { ci } from './examples/ci.ts';
import { homelab } from './examples/homelab.ts';
import { restricted } from './examples/restricted.ts';
import type { ExampleSet } from './examples/set.ts';
import { team } from './examples/team.ts';
import { describeReleases } from './releases.ts';
import { type Workplace, workplace } from './workplace.ts';

const examples = join(import.meta.dirname, '../../policies/examples');

/** In a folder with a Dockerfile and a compose file; `poll` waits for what comes soon. */
const prelude = `set -eu
export DOCKER_BUILDKIT=0 REGISTRY=127.0.0.1:5000
poll() {
  left=150
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "gave up on: $*" >&2; exit 99; }
    sleep 0.2
  done
}
cd /home/dev/work
`;

/** Fits all sets: hardened, limited, from the registry, with a volume and the project's own network. */
const compose = `services:
  app:
    image: \${IMAGE:-127.0.0.1:5000/mirror/alpine:3.20}
    command: ["sh", "-c", "echo up; exec sleep 1000"]
    user: "1000:1000"
    cap_drop: [ALL]
    security_opt: [no-new-privileges]
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 50
    stop_grace_period: 0s
    volumes: ["data:/data"]
volumes: { data: {} }
`;

describeReleases('the examples', (release) => {
  let d: Dockerd;
  let place: Workplace;
  let bulwark: Bulwark;

  beforeAll(async () => {
    d = await startDockerd({
      release,
      plugins: ['bulwark'],
      before: async ({ pluginDir }) => {
        const socket = join(pluginDir, 'bulwark.sock');
        bulwark = await startBulwark({ socket, policies: [join(examples, 'homelab')] });
      },
    });
    place = await workplace(d);
    await d.startRegistry();
    const write = 'mkdir -p /home/dev/work && cd /home/dev/work && cat > ';
    await d.onHost(['sh', '-c', `${write} compose.yaml`], { stdin: compose });
    await d.onHost(['sh', '-c', `${write} Dockerfile`], {
      stdin: 'FROM alpine\nRUN echo built > /built\nCMD ["cat", "/built"]\n',
    });
    // An image of its own: what is pushed is known by that repository from then on, under all its names.
    const mirror = `printf 'FROM alpine\\nLABEL mirrored=yes\\n' | docker build -t $REGISTRY/mirror/alpine:3.20 -
docker push -q $REGISTRY/mirror/alpine:3.20`;
    expect(await place.shell(prelude + mirror)).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await d?.stop();
    await bulwark?.stop();
  });

  const denials = () =>
    bulwark
      .logs()
      .split('\n')
      .filter((line) => line.includes('"denied"'));

  const sets = [...homelab, ...team, ...ci, ...restricted].map((set) => ({ title: titleOf(set), set }));
  describe.each(sets)('$title', ({ set }) => {
    beforeAll(async () => {
      await bulwark.stop();
      const policies = edited(set, d.dir);
      bulwark = await startBulwark({ socket: bulwark.socket, policies: [policies] });
    });

    test.for(set.rows)('$does', async ({ run, prints, denied }) => {
      const before = denials().length;
      const { code, stdout, stderr } = await place.shell(prelude + run);
      const said = stdout + stderr;
      if (prints !== undefined) expect(said).toMatch(prints);
      if (denied === undefined) {
        expect(code, said).toBe(0);
        expect(denials().slice(before)).toEqual([]);
        return;
      }
      expect(code, said).not.toBe(0);
      expect(said).toContain('authorization denied by plugin bulwark: ');
      for (const rule of denied) expect(said).toContain(rule);
      await expect.poll(denials).toHaveLength(before + 1);
    });
  });
});

function titleOf({ name, edits = [] }: ExampleSet): string {
  return edits.length === 0 ? name : `${name}, edited as it says`;
}

/** The folder of a set, or a copy of it in which each text was replaced. */
function edited({ name, edits = [] }: ExampleSet, dir: string): string {
  const shipped = join(examples, name);
  if (edits.length === 0) return shipped;
  const folder = join(dir, `${name}-edited`);
  cpSync(shipped, folder, { recursive: true });
  for (const [from, to] of edits) {
    const files = readdirSync(folder).map((file) => join(folder, file));
    const having = files.filter((file) => readFileSync(file, 'utf8').includes(from));
    expect(having, from).not.toEqual([]);
    for (const file of having) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
  }
  return folder;
}
