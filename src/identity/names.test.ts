import { describe, expect, it } from 'vitest';
import { nameProblem } from './names.ts';

describe('nameProblem()', () => {
  it.each([
    'alice',
    'Zoë Müller',
    '山田太郎',
    'alice@example.com',
    'repo:octo/app:ref:refs/heads/main',
    'systemd',
    'my-system:x',
    '*',
    `O'Brien, "Bob" \\u0041 \`x\``,
    'a'.repeat(200),
  ])('takes `%s`', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /empty/],
    ['more than 200 characters', 'a'.repeat(201), /200/],
    ['a line feed', 'alice\nroot', /print/],
    ['NUL', 'alice\0', /print/],
    ['an escape', '\u001b[31malice', /print/],
    ['a mark that turns the text around', 'alice\u202e', /print/],
    ['a zero-width space', 'al\u200bice', /print/],
    ['a soft hyphen', 'al\u00adice', /print/],
    ['a line separator', 'al\u2028ice', /print/],
    ['half a character', 'al\ud800ice', /print/],
    ['a private character', 'al\ue000ice', /print/],
    ['a tag', 'alice\u{e0041}', /print/],
    ['a blank before', ' alice', /white space/],
    ['a blank behind', 'alice ', /white space/],
    ['a no-break space behind', 'alice\u00a0', /white space/],
    ['blanks alone', '  ', /white space/],
    ['the name of nobody', 'system:anonymous', /system:/],
    ['reserved words in capitals', 'SYSTEM:x', /system:/],
    ['reserved words in both', 'System:bulwark', /system:/],
    ['reserved words in full width', 'ｓｙｓｔｅｍ：x', /system:/],
    ['reserved words with a long s', '\u017fystem:x', /system:/],
  ])('refuses %s', (_, name, why) => {
    expect(nameProblem(name)).toMatch(why);
  });
});
