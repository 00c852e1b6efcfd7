/** Where this machine's apt gets its packages: sources.list(5) in both notations. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One place that packages come from, in either of apt's notations. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Options of the one-line form with a trailing blank, as `[signed-by=/path] `; empty when there are none. */
  readonly options: string;
}

export async function machineSources(): Promise<AptSource[]> {
  const parts = await readdir('/etc/apt/sources.list.d').catch(() => []);
  const files = [
    '/etc/apt/sources.list',
    ...parts.sort().map((name) => join('/etc/apt/sources.list.d', name)),
  ];
  const found: AptSource[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (file.endsWith('.sources')) found.push(...parseDeb822(text));
    else if (file.endsWith('.list')) found.push(...parseOneLine(text));
  }
  return found;
}

/** Reads sources.list(5)'s one-line form; `deb-src` lines and comments are left out. */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    return [{ uri, suites: [suite], components: words(components), options: trustOptions(words(options)) }];
  });
}

/** Reads sources.list(5)'s deb822 form; disabled stanzas and sources of source code are left out. */
export function parseDeb822(text: string): AptSource[] {
  const stanzas = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const fields = new Map<string, string>();
    let last = '';
    for (const line of stanza.split('\n')) {
      const field = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line);
      if (field !== null) {
        last = (field[1] ?? '').toLowerCase();
        fields.set(last, field[2] ?? '');
      } else if (last !== '') fields.set(last, `${fields.get(last)} ${line.trim()}`.trim());
    }
    if (
      !words(fields.get('types')).includes('deb') ||
      /^(no|false|0|off)$/i.test(fields.get('enabled') ?? '')
    )
      return [];
    const signed = fields.get('signed-by') ?? '';
    // A key written into the file itself has no one-line form; Debian's own keyring is used instead.
    const options = signed.startsWith('/') ? [`signed-by=${words(signed).join(',')}`] : [];
    if (/^(yes|true|1|on)$/i.test(fields.get('trusted') ?? '')) options.push('trusted=yes');
    return words(fields.get('uris')).map((uri) => ({
      uri,
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      options: trustOptions(options),
    }));
  });
}

/** Those of the machine's sources that are Debian's main archive, whatever release they name. */
export function debianSources(sources: readonly AptSource[]): AptSource[] {
  const releases =
    /^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)$/;
  return sources.filter(
    ({ suites, components }) => components.includes('main') && suites.some((suite) => releases.test(suite)),
  );
}

function trustOptions(options: readonly string[]): string {
  const kept = options.filter((option) => /^(signed-by|trusted)=/i.test(option));
  return kept.length === 0 ? '' : `[${kept.join(' ')}] `;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
