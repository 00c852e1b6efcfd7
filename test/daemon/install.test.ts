/** `bulwark install` and its ways back, on a host with a real systemd, whose `docker.service` is the daemon. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launcher, root } from '../process.ts';
import { daemonJson, type Host, hookedJson, startHost } from './installHost.ts';
import { startLoad } from './load.ts';
import { describeReleases } from './releases.ts';

// An installation or a build takes seconds, and several times as long on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describeReleases('an installation', (release) => {
  let host: Host;
  beforeAll(async () => {
    host = await startHost(release);
    // It was there before, and would not be created now.
    await host.d.docker(
      'run',
      '-d',
      '--stop-signal',
      'KILL',
      '--name',
      'old',
      '--network',
      'host',
      'busybox',
      'sleep',
      '100000',
    );
  });
  afterAll(() => host?.stop());

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
    const asUser = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const checked = await host.run(...asUser, 'bulwark', 'check', '/etc/bulwark/policies');
    expect(checked, checked.stderr).toMatchObject({ code: 0 });
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
    await host.d.docker(
      'run',
      '-d',
      '--stop-signal',
      'KILL',
      '--name',
      'target',
      'busybox',
      'sleep',
      '100000',
    );
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

  test('is not broken where daemon.json cannot be replaced, and says why', async () => {
    await host.sh('mount --bind /etc/docker/daemon.json /etc/docker/daemon.json');
    const failed = await host.run('bulwark', 'break-glass');
    await host.sh('umount /etc/docker/daemon.json');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*busy.*\nMend that/) });
    expect(await host.privileged()).toBe('bulwark');
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
