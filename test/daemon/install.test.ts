/**
 * `bulwark install` and its ways back, on a host with a real systemd, whose `docker.service` is the daemon.
 */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPluginIn, clone } from '../clone.ts';
import { root } from '../process.ts';
import { type Dockerd, startDockerd } from './dockerd.ts';
import { startLoad } from './load.ts';
import { describeReleases } from './releases.ts';

const launcher = join(root, 'bin/bulwark');

/** As somebody wrote it: tabs, an order of its own, a key of each kind. */
const daemonJson = '{\n\t"log-level": "info",\n\t"labels" : [ "rack=7" ],\n\n\t"debug": false\n}\n';
const hookedJson = daemonJson.replace('false', 'false,\n\t"authorization-plugins": ["bulwark"]');

/** A host, and what the tests ask of it. */
async function startHost(release: Dockerd['release']) {
  const d = await startDockerd({
    release,
    systemd: true,
    before: ({ etcDocker }) => writeFileSync(join(etcDocker, 'daemon.json'), daemonJson),
  });
  const run = (...argv: readonly string[]) => d.onHost(argv, { timeout: 120_000 });
  return {
    d,
    run,
    sh: (text: string) => run('sh', '-c', text),
    install: (...args: readonly string[]) => run(launcher, 'install', '--yes', ...args),
    daemonJson: () => readFileSync(join(d.etcDocker, 'daemon.json'), 'utf8'),
    /** Whether a privileged container is denied, and by whom; where nobody denies it, the daemon has no such image. */
    privileged: async () => {
      const { stderr } = await d.docker('create', '--pull=never', '--privileged', 'nothing-like-it');
      return /denied by plugin (\S+):/.exec(stderr)?.[1] ?? /No such image/i.exec(stderr)?.[0] ?? stderr;
    },
    /** All that an installation might leave. */
    traces: async () =>
      (
        await run(
          'sh',
          '-c',
          'ls -d /opt/* /etc/bulwark /var/lib/bulwark /usr/local/bin/* /etc/systemd/system/* /etc/systemd/system/*.wants/* /run/docker/plugins/* 2>/dev/null; systemctl list-units --all --plain --no-legend "bulwark*"',
        )
      ).stdout,
  };
}

type Host = Awaited<ReturnType<typeof startHost>>;

describeReleases('an installation', (release) => {
  let host: Host;
  beforeAll(async () => {
    host = await startHost(release);
    // It was there before, and would not be created now.
    await host.d.docker('run', '-d', '--name', 'old', '--network', 'host', 'busybox', 'sleep', '100000');
  });
  afterAll(() => host?.d.stop());

  test('is shown, and not begun, without a word', async () => {
    const before = await host.traces();
    const dry = await host.run(launcher, 'install', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/old \(busybox\), running\n +baseline\/hostNamespaces\.network: /);
    expect(dry.stdout).toContain('add `bulwark` to /etc/docker/daemon.json and reload Docker');
    const unasked = await host.run(launcher, 'install');
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('add `--yes`') });
    expect(await host.traces()).toBe(before);
    expect(host.daemonJson()).toBe(daemonJson);
  });

  test('watches first, and denies nothing', async () => {
    const installed = await host.install('--shadow');
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    // Said once, it holds for what comes after.
    expect((await host.run(launcher, 'install', '--dry-run')).stdout).toContain('only watch');
    expect(await host.privileged()).toBe('No such image');
    const seen = await host.run('bulwark', 'denials', '--mode', 'shadow');
    expect(seen.stdout).toContain('shadow:baseline/privileged');
    expect(host.daemonJson()).toBe(hookedJson);
  });

  test('denies with the next one, lets off what was there, and leaves the rest of daemon.json as it was', async () => {
    const installed = await host.install('--no-shadow', '--except-existing', '7');
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    expect(await host.privileged()).toBe('bulwark');
    expect(host.daemonJson()).toBe(hookedJson);
    expect(await host.d.docker('run', '--rm', 'busybox', 'echo', 'on')).toMatchObject({ stdout: 'on\n' });
    expect(await host.d.docker('restart', '-t', '0', 'old')).toMatchObject({ code: 0 });
    const anew = await host.d.docker('run', '--rm', '--network', 'host', 'busybox', 'true');
    expect(anew.stderr).toContain('baseline/hostNamespaces.network');
    const status = await host.run('bulwark', 'status');
    expect(status, status.stdout).toMatchObject({ code: 0, stdout: expect.stringMatching(/^asked +yes/m) });
  });

  test('changes nothing when it is there already', async () => {
    const before = await host.run('systemctl', 'show', 'bulwark', '-p', 'MainPID');
    const again = await host.install();
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout.match(/^done .*$/gm)).toEqual([
      'done     prove that Docker asks it, and that what is forbidden is denied',
    ]);
    expect(await host.run('systemctl', 'show', 'bulwark', '-p', 'MainPID')).toEqual(before);
  });

  test('takes an edited policy into force', async () => {
    await host.sh(
      'printf "apiVersion: bulwark/v1\\nkind: Policy\\nmetadata: { name: house }\\nspec: { controls: { memory: { required: true } } }\\n" >/etc/bulwark/policies/house.yaml; systemctl reload bulwark',
    );
    const run = () => host.d.docker('create', 'busybox').then(({ stderr }) => stderr);
    await expect.poll(run, { timeout: 10_000 }).toContain('house/memory');
    await host.sh('rm /etc/bulwark/policies/house.yaml; systemctl reload bulwark');
    await expect.poll(run, { timeout: 10_000 }).not.toContain('house/memory');
  });

  test('is there before Docker at every start of it, and at the next boot', async () => {
    await host.run('systemctl', 'stop', 'docker', 'bulwark.service', 'bulwark.socket');
    expect(await host.run('systemctl', 'start', 'docker')).toMatchObject({ code: 0 });
    expect(await host.privileged()).toBe('bulwark');
    const { stdout } = await host.run('systemctl', 'show', 'docker', '-p', 'After', '-p', 'Wants');
    expect(stdout).toMatch(/Wants=.*bulwark\.socket/);
    expect(stdout).toMatch(/After=.*bulwark\.socket/);
  });

  test('is upgraded under load by the newer one: no request fails, none is wrongly allowed', async () => {
    const next = join(host.d.dir, 'next');
    for (const part of [
      'bin',
      'src',
      'policies',
      'plugin',
      'schema',
      'LICENSE',
      'tsconfig.json',
      'tsconfig.build.json',
    ])
      cpSync(join(root, part), join(next, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(next, 'node_modules'));
    const json = readFileSync(join(root, 'package.json'), 'utf8').replace(
      /"version": ".*"/,
      '"version": "99.0.0"',
    );
    writeFileSync(join(next, 'package.json'), json);
    await host.d.docker('run', '-d', '--name', 'target', 'busybox', 'sleep', '100000');
    const load = startLoad(host.d, 'target', 4);
    const upgraded = await host.run(join(next, 'bin/bulwark'), 'install', '--yes');
    const { failures, wronglyAllowed, requests } = await load.stop();
    expect(upgraded, upgraded.stderr).toMatchObject({ code: 0 });
    expect({ failures, wronglyAllowed }).toEqual({ failures: [], wronglyAllowed: 0 });
    expect(requests).toBeGreaterThan(100);
    expect((await host.run('bulwark', 'status')).stdout).toContain('version 99.0.0');
    // And back, by the link.
    await host.sh('ln -sfn "$(cd /opt/bulwark; ls -d 0.*)" /opt/bulwark/current; systemctl restart bulwark');
    expect((await host.run('bulwark', 'status')).stdout).not.toContain('99.0.0');
    await host.d.docker('rm', '-f', 'target');
  });

  test('is broken with both down, within a minute, and put back; the ledger knows', async () => {
    await host.sh(
      'systemctl stop bulwark.socket bulwark docker; mkdir /srv/units; mv /etc/systemd/system/bulwark.* /srv/units; systemctl daemon-reload',
    );
    // Without its plugin it ends again and again.
    await host.run('systemctl', 'start', '--no-block', 'docker');
    const began = performance.now();
    const broken = await host.run('bulwark', 'break-glass');
    expect(broken, broken.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await host.privileged()).toBe('No such image');
    expect(host.daemonJson()).toBe(daemonJson);

    const early = await host.run('bulwark', 'break-glass', '--undo');
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('systemctl start bulwark') });
    expect(host.daemonJson()).toBe(daemonJson);
    await host.sh('mv /srv/units/* /etc/systemd/system; systemctl daemon-reload; systemctl start bulwark');
    expect(await host.run('bulwark', 'break-glass', '--undo')).toMatchObject({ code: 0 });
    expect(await host.privileged()).toBe('bulwark');
    expect(host.daemonJson()).toBe(hookedJson);
    const events = () =>
      host
        .sh(`${join(import.meta.dirname, '../../node_modules/.bin/node')} -e '
          const { DatabaseSync } = require("node:sqlite");
          const rows = new DatabaseSync("/var/lib/bulwark/ledger.db", { readOnly: true }).prepare("select * from records").all();
          for (const row of rows) { const { event, by } = JSON.parse(row.json); if (event?.startsWith("break")) console.log(event, by); }
        '`)
        .then(({ stdout, stderr }) => stdout + stderr);
    await expect.poll(events, { timeout: 20_000 }).toBe('break-glass root\nbreak-glass-undone root\n');
  });

  test('notes elsewhere that the glass was broken, where the data folder takes nothing', async () => {
    await host.sh('mv /var/lib/bulwark /var/lib/gone; touch /var/lib/bulwark');
    const broken = await host.run('bulwark', 'break-glass');
    expect(broken).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Noted in /var/log/break-glass.jsonl, since'),
    });
    await host.sh('rm /var/lib/bulwark /var/log/break-glass.jsonl; mv /var/lib/gone /var/lib/bulwark');
    expect(await host.run('bulwark', 'break-glass', '--undo')).toMatchObject({ code: 0 });
  });

  test('goes away, Docker first, and leaves policies and ledger', async () => {
    const gone = await host.run('bulwark', 'uninstall');
    expect(gone, gone.stderr).toMatchObject({ code: 0 });
    expect(host.daemonJson()).toBe(daemonJson);
    expect(await host.privileged()).toBe('No such image');
    const traces = await host.traces();
    expect(traces).toContain('/etc/bulwark');
    expect(traces).toContain('/var/lib/bulwark');
    expect(traces).not.toMatch(/\/opt\/bulwark|bulwark\.sock|bulwark\.service/);
    expect(await host.install()).toMatchObject({ code: 0 });
    expect(await host.run('bulwark', 'uninstall', '--purge')).toMatchObject({ code: 0 });
    expect(await host.traces()).not.toContain('bulwark');
    expect(await host.privileged()).toBe('No such image');
  });
});

/** A real fault of the host, and what the installation says. */
interface Fault {
  readonly what: string;
  readonly make: string;
  readonly mend: string;
  readonly says: RegExp;
}

const dropIn = (lines: string) =>
  `mkdir -p /etc/systemd/system/bulwark.service.d && printf '[Service]\\n${lines}\\n' >/etc/systemd/system/bulwark.service.d/fault.conf`;
const noDropIn = 'rm -r /etc/systemd/system/bulwark.service.d; systemctl daemon-reload';

const faults: readonly Fault[] = [
  {
    what: 'the file system of the program is read-only',
    make: 'mount --bind /opt /opt && mount -o remount,bind,ro /opt',
    mend: 'umount /opt',
    says: /could not copy the program to .*read-only/,
  },
  {
    what: 'it is full',
    make: 'mount -t tmpfs -o size=4m,mode=755 tmpfs /opt',
    mend: 'umount /opt',
    says: /could not copy the program to .*no space/,
  },
  {
    what: 'others may write there',
    make: 'chmod 777 /opt',
    mend: 'chmod 755 /opt',
    says: /`\/opt` can be changed by others than root/,
  },
  {
    what: 'the command is somebody else’s',
    make: 'echo mine >/usr/local/bin/bulwark',
    mend: 'rm /usr/local/bin/bulwark',
    says: /could not make it the command .*is no link of Bulwark's/,
  },
  {
    what: 'the folder of policies cannot be made',
    make: 'touch /etc/bulwark',
    mend: 'rm /etc/bulwark',
    says: /could not write policies/,
  },
  {
    what: 'the units cannot be written',
    make: 'mount --bind /etc/systemd/system /etc/systemd/system && mount -o remount,bind,ro /etc/systemd/system',
    mend: 'umount /etc/systemd/system',
    says: /could not write the units .*read-only/,
  },
  {
    what: 'Bulwark does not start',
    make: dropIn('ExecStart=\\nExecStart=/bin/false'),
    mend: noDropIn,
    says: /could not start Bulwark/,
  },
  {
    what: 'daemon.json cannot be replaced',
    make: 'mount --bind /etc/docker/daemon.json /etc/docker/daemon.json',
    mend: 'umount /etc/docker/daemon.json',
    says: /could not add `bulwark` to .*busy/,
  },
  {
    what: 'the daemon hangs at the reload',
    make: dropIn('ExecStartPost=+/bin/sh -c "kill -STOP $(cat /run/docker.pid)"'),
    mend: noDropIn,
    says: /could not add `bulwark` to .*the daemon at `\/var\/run\/docker\.sock` does not ask Bulwark/,
  },
  {
    what: 'the Bulwark that starts has other policies than those in its folder',
    make: `mkdir /srv/free && printf 'apiVersion: bulwark/v1\\nkind: Policy\\nmetadata: { name: free }\\nspec: { profile: privileged }\\n' >/srv/free/free.yaml && ${dropIn('Environment=BULWARK_POLICIES=/srv/free')}`,
    mend: `rm -r /srv/free; ${noDropIn}`,
    says: /could not prove that Docker asks it.*what is forbidden was not denied/,
  },
];

describeReleases('an installation that fails', (release) => {
  let host: Host;
  let before: string;
  beforeAll(async () => {
    host = await startHost(release);
    await host.d.docker('run', '-d', '--restart', 'always', '--name', 'runs', 'busybox', 'sleep', '100000');
    before = await host.traces();
  });
  afterAll(() => host?.d.stop());

  async function expectAllAsBefore() {
    expect(await host.traces()).toBe(before);
    expect(host.daemonJson()).toBe(daemonJson);
    expect(await host.privileged()).toBe('No such image');
    await expect.poll(() => host.d.docker('exec', 'runs', 'echo', 'on')).toMatchObject({ stdout: 'on\n' });
  }

  test.each(faults)('since $what, puts all back', async ({ make, mend, says }) => {
    const made = await host.sh(make);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const failed = await host.install();
    await host.sh(mend);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(says) });
    expect(failed.stderr).toContain('all is as it was');
    await expectAllAsBefore();
  });

  test('since it was interrupted, puts all back', async () => {
    const failed = await host.sh(
      `${launcher} install --yes | { while read -r line; do echo "$line"; case $line in *"write policies"*) pkill -INT -f "main.ts install";; esac; done; }`,
    );
    expect(failed.stderr).toContain('it was interrupted');
    await expectAllAsBefore();
  });

  // None of it depends on the release.
  describe.runIf(release === '20.10')('is not begun', () => {
    // What daemon.json or the host has, and what the refusal says.
    test.each([
      ['{ "debug": false, }', /daemon\.json` cannot be edited/],
      ['["bulwark"]', /it is no JSON object/],
      ['{"debug": false, "debug": true}', /the key `debug` twice/],
      ['{"authorization-plugins": "other"}', /no list of names/],
    ])('where daemon.json is %s', async (text, says) => {
      writeFileSync(join(host.d.etcDocker, 'daemon.json'), text);
      const failed = await host.install();
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(says) });
      expect(host.daemonJson()).toBe(text);
      writeFileSync(join(host.d.etcDocker, 'daemon.json'), daemonJson);
      await expectAllAsBefore();
    });

    test('where the policies to begin with are broken', async () => {
      await host.sh('mkdir /srv/broken && printf "kind: Policy\\n" >/srv/broken/x.yaml');
      const failed = await host.install('--policies', '/srv/broken');
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('/srv/broken/x.yaml:1:1') });
      await expectAllAsBefore();
    });

    test('where no daemon answers on the socket', async () => {
      const failed = await host.install('--docker-host', 'unix:///run/nobody.sock');
      expect(failed.stderr).toContain('no dockerd answers on `/run/nobody.sock`');
      await expectAllAsBefore();
    });

    test('for who is not root', async () => {
      const failed = await host.run(
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        launcher,
        'install',
        '--yes',
      );
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('Run the command as root') });
    });

    test('where something else listens in its place', async () => {
      const other = host.d.onHost([
        'systemd-socket-activate',
        '-l',
        '/run/docker/plugins/bulwark.sock',
        'cat',
      ]);
      await expect
        .poll(() => host.sh('test -S /run/docker/plugins/bulwark.sock').then(({ code }) => code))
        .toBe(0);
      const failed = await host.install();
      await host.sh('pkill systemd-socket; rm -f /run/docker/plugins/bulwark.sock');
      await other;
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('something listens on') });
      await expectAllAsBefore();
    });
  });
});

/** A daemon that somebody starts by hand, with a configuration file of its own place. */
describeReleases('an installation as a managed plugin', (release) => {
  let d: Dockerd;
  let built: string;
  const before = '{ "debug": false }';
  beforeAll(async () => {
    d = await startDockerd({
      release,
      before: async ({ dir }) => {
        writeFileSync(join(dir, 'daemon.json'), before);
        await clone(join(dir, 'clone'));
        built = join(dir, 'built');
        await buildPluginIn(join(dir, 'clone'), [built]);
      },
    });
  });
  afterAll(() => d?.stop());
  const bulwark = (...args: readonly string[]) => d.onHost([launcher, ...args], { timeout: 120_000 });
  const daemonJson = () => readFileSync(join(d.dir, 'daemon.json'), 'utf8');
  const privileged = async () =>
    (await d.docker('create', '--pull=never', '--privileged', 'no-image')).stderr;

  test('is what a host without systemd is told to do', async () => {
    const { code, stderr } = await bulwark('install', '--yes');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('`--plugin plugin/build`') });
  });

  test('puts all back where the folder holds no plugin that runs', async () => {
    await d.onHost(['sh', '-c', 'mkdir -p /srv/none/rootfs && echo "{}" >/srv/none/config.json']);
    const failed = await bulwark('install', '--yes', '--plugin', '/srv/none');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('all is as it was') });
    expect((await d.docker('plugin', 'ls', '--format', '{{.Name}}')).stdout).toBe('');
    expect(daemonJson()).toBe(before);
    expect(await privileged()).toContain('No such image');
  });

  test('denies, is broken and mended, and goes away', async () => {
    const installed = await bulwark('install', '--yes', '--plugin', built);
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    expect(daemonJson()).toBe('{ "debug": false, "authorization-plugins": ["bulwark"] }');
    expect(await privileged()).toContain('denied by plugin bulwark:latest: baseline/privileged');
    expect(await d.docker('run', '--rm', 'busybox', 'echo', 'on')).toMatchObject({ stdout: 'on\n' });
    expect(await bulwark('status')).toMatchObject({ code: 0 });
    const again = await bulwark('install', '--yes', '--plugin', built);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('`bulwark uninstall` first') });
    expect(await bulwark('break-glass')).toMatchObject({ code: 0 });
    expect(await privileged()).toContain('No such image');
    expect(await bulwark('break-glass', '--undo')).toMatchObject({ code: 0 });
    expect(await privileged()).toContain('denied by plugin');
    const gone = await bulwark('uninstall', '--purge');
    expect(gone, gone.stderr).toMatchObject({ code: 0 });
    expect(daemonJson()).toBe(before);
    expect((await d.docker('plugin', 'ls', '--format', '{{.Name}}')).stdout).toBe('');
    expect(await privileged()).toContain('No such image');
  });
});
