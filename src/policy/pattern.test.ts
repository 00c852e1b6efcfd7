import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subject } from '../model/subject.ts';
import { matches, matchesFor } from './pattern.ts';

function subject(name: string, ...groups: string[]): Subject {
  return { name, groups, method: 'tls' };
}

describe('matches', () => {
  it.each([
    // Without a star a pattern is the text itself.
    ['/srv/app', '/srv/app', true],
    ['/srv/app', '/srv/apps', false],
    ['/srv/app', '/srv/ap', false],
    ['a.b+c', 'aXb+c', false],
    ['[ab](c)?', '[ab](c)?', true],
    ['', '', true],
    ['', 'a', false],
    // `*` stays within a path segment.
    ['/srv/*', '/srv/app', true],
    ['/srv/*', '/srv/', true],
    ['/srv/*', '/srv/app/x', false],
    ['/srv/*/data', '/srv/a/data', true],
    ['/srv/*/data', '/srv/a/b/data', false],
    ['*_data', 'web_data', true],
    ['*a*b', 'xaxb', true],
    ['*a*b', 'xa/xb', false],
    // `**` crosses them.
    ['/srv/**/data', '/srv/a/b/data', true],
    ['**', 'a/b', true],
    ['**x', 'a/bx', true],
    ['a**b**c', 'abbc', true],
    // `/**` at the end matches the place itself as well, and no neighbour.
    ['/srv/**', '/srv', true],
    ['/srv/**', '/srv/a/b', true],
    ['/srv/**', '/srvx', false],
    ['/**', '/', true],
    ['/**', '/etc', true],
    // Line breaks are characters like others.
    ['a*', 'a\nb', true],
    // Without a subject its place is text.
    ['/srv/{subject}', '/srv/{subject}', true],
    ['/srv/{subject}', '/srv/alice', false],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it('agrees with the regular expression that says the same', () => {
    const piece = fc.constantFrom('a', 'b', '/', '*', '**', '.');
    const patterns = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const texts = fc
      .array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 10 })
      .map((chars) => chars.join(''));
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const end = pattern.endsWith('/**') && !pattern.endsWith('/***') ? 3 : 0;
        const source = pattern
          .slice(0, pattern.length - end)
          .replaceAll('.', '\\.')
          .replace(/\*+/g, (stars) => (stars.length > 1 ? '[^]*' : '[^/]*'));
        const regex = new RegExp(`^${source}${end > 0 ? '(?:/[^]*)?' : ''}$`);
        expect(matches(pattern, text)).toBe(regex.test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays linear where a backtracking matcher would need hours', () => {
    const text = `${'SECRET'.repeat(100_000)}/`;
    expect(matches('*SECRET*SECRET*X*', text)).toBe(false);
    expect(matches('**SECRET**SECRET**X', text)).toBe(false);
    expect(matches('**SECRET**SECRET**', text)).toBe(true);
  });
});

describe('matchesFor', () => {
  it.each([
    ['/srv/{subject}/**', '/srv/alice/x', subject('alice'), true],
    ['/srv/{subject}/**', '/srv/alice', subject('alice'), true],
    ['/srv/{subject}/**', '/srv/alicex', subject('alice'), false],
    ['{subject}_*', 'alice_data', subject('alice'), true],
    ['/srv/{group}/**', '/srv/web/x', subject('alice', 'lab', 'web'), true],
    ['/srv/{group}/**', '/srv/admins/x', subject('alice', 'lab', 'web'), false],
    ['/srv/{group}/**', '/srv/x', subject('alice'), false],
    ['/srv/{group}/{subject}', '/srv/web/alice', subject('alice', 'web'), true],
    // A pattern without a name asks for none.
    ['/srv/**', '/srv/x', subject(''), true],
    // A name is text, whatever it looks like.
    ['/srv/{subject}/**', '/srv/anything', subject('*'), false],
    ['/srv/{subject}', '/srv/{group}', subject('{group}', 'web'), true],
    ['/srv/{subject}', '/srv/web', subject('{group}', 'web'), false],
    // A name that could lead elsewhere matches nothing, not even itself.
    ['/srv/{subject}/**', '/srv//x', subject(''), false],
    ['/srv/{subject}/**', '/srv/../x', subject('..'), false],
    ['/srv/{subject}/**', '/srv/a/b/x', subject('a/b'), false],
    ['/srv/{group}/**', '/srv/a/b', subject('alice', 'a/b'), false],
    ['{subject}*', '', subject(''), false],
  ])('%j on %j for %o: %s', (pattern, text, who, expected) => {
    expect(matchesFor(pattern, text, who)).toBe(expected);
  });

  it('takes what stands for {subject} and {group} literally', () => {
    const name = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('*', '.', 'a', '{subject}', '{group}', '$&', '\\'), { minLength: 1 })
        .map((c) => c.join('')),
    );
    fc.assert(
      fc.property(name, name, (own, other) => {
        const usable = own !== '' && !own.includes('/') && !own.includes('..');
        expect(matchesFor('/srv/{subject}', `/srv/${own}`, subject(own))).toBe(usable);
        expect(matchesFor('/srv/{group}', `/srv/${own}`, subject('x', own))).toBe(usable);
        if (other !== own) {
          expect(matchesFor('/srv/{subject}', `/srv/${other}`, subject(own))).toBe(false);
          expect(matchesFor('/srv/{group}', `/srv/${other}`, subject('x', own))).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
