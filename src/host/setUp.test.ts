import { describe, expect, it } from 'vitest';
import { configText } from './setUp.ts';

const socket = '/var/run/docker.sock';
const head = 'apiVersion: bulwark/v1\nkind: Config\nmetadata: { name: mine }\n';
const enforced = { socket, shadow: false, policies: undefined };
const asItIs = { socket, shadow: undefined, policies: undefined };
const watched = { socket, shadow: true, policies: undefined };

describe('the Config file of an installation', () => {
  it('is new where there was none', () => {
    expect(configText(undefined, enforced)).toMatchInlineSnapshot(`
      "# Written by \`bulwark install\`. docs/config.md has every setting; after a change: systemctl restart bulwark
      apiVersion: bulwark/v1
      kind: Config
      metadata: { name: this-host }
      spec:
        policies: [ /etc/bulwark/policies ]
        dockerHost: unix:///var/run/docker.sock
      "
    `);
  });

  it('keeps the comments, settings and order of one that is there, and changes nothing that is so already', () => {
    const text = `${head}# ours\nspec:\n  deadline: 3s   # quick\n  policies: ["/srv/policies"]\n  dockerHost: "unix:///var/run/docker.sock"\n`;
    expect(configText(text, enforced)).toBe(text);
    const other = configText(text, { ...enforced, socket: '/run/other.sock' });
    expect(other).toContain('# ours');
    expect(other).toContain('deadline: 3s # quick');
    expect(other).toContain('unix:///run/other.sock');
  });

  it('watches, and then no more', () => {
    const watching = configText(configText(undefined, enforced), watched);
    expect(watching).toContain('policies: [ /etc/bulwark/watching ]');
    expect(watching).toContain('shadow: /etc/bulwark/policies');
    expect(configText(watching, enforced)).toBe(configText(undefined, enforced));
  });

  it('goes on watching where nothing is said of it', () => {
    const watching = configText(undefined, watched);
    expect(configText(watching, watched)).toBe(watching);
    expect(configText(watching, asItIs)).toBe(watching);
  });
});
