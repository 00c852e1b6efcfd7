/** An installation that fails leaves the host as it was: real faults, on a host with a real systemd. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { launcher } from '../process.ts';
import { daemonJson, type Host, startHost } from './installHost.ts';
import { describeReleases } from './releases.ts';

// An installation or a build takes seconds, and several times as long on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

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
    await host.d.docker(
      'run',
      '-d',
      '--stop-signal',
      'KILL',
      '--restart',
      'always',
      '--name',
      'runs',
      'busybox',
      'sleep',
      '100000',
    );
    before = await host.traces();
  });
  afterAll(() => host?.stop());

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
  if (release !== '20.10') return;
  describe('is not begun', () => {
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
