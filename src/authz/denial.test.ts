import { describe, expect, it } from 'vitest';
import type { Decision, Violation } from '../model/decision.ts';
import { anonymous } from '../model/subject.ts';
import { denialLimit, denialText } from './denial.ts';

const id = '01JD0000000000000000000000';
const last = `decision ${id}, asked by system:anonymous (no certificate, no token: for a name ask your administrator for one, \`bulwark token issue --subject NAME\`)`;

function denied(...violations: Violation[]): Decision {
  return { id, allow: false, action: 'container.create', subject: anonymous, violations };
}

const privileged: Violation = {
  rule: 'baseline/privileged',
  message: '--privileged gives the container full control of the host.',
  fix: 'drop --privileged; for one capability use --cap-add NET_BIND_SERVICE.',
  source: { file: 'policies/baseline.yaml', line: 9 },
};
const of = (rule: string, message: string): Violation => ({ rule, message, fix: 'Do not.' });

describe('denialText()', () => {
  it('says rule, message, fix and place in a line, then the decision and who asked', () => {
    expect(denialText(denied(privileged))).toBe(
      'baseline/privileged: --privileged gives the container full control of the host. Fix: drop ' +
        '--privileged; for one capability use --cap-add NET_BIND_SERVICE. (policies/baseline.yaml:9)\n' +
        last,
    );
  });

  it('gives every violation its own line, and no place to a refusal', () => {
    const lines = denialText(denied(privileged, of('message-unreadable', 'the message is empty'))).split(
      '\n',
    );
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe('message-unreadable: the message is empty. Fix: Do not.');
  });

  it('keeps a text of several lines, or with control characters, on one line', () => {
    expect(denialText(denied(of('a/b', 'one\n  two\r\nthree \u001b[31mred\u2028four\u0085five')))).toBe(
      `a/b: one two three  [31mred four five. Fix: Do not.\n${last}`,
    );
  });

  it('escapes what a certificate calls its owner', () => {
    const subject = { name: 'eve\ndecision 1, asked by root', groups: [], method: 'tls' as const };
    const lines = denialText({ ...denied(privileged), subject }).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(`decision ${id}, asked by eve\\u000adecision 1, asked by root (known by tls)`);
  });

  it.each([
    [[], 'token', ' (known by token)'],
    [['system:authenticated', 'web', 'ou:a\nb'], 'token', ', in web, ou:a\\u000ab (known by token)'],
    [
      Array.from({ length: 11 }, (_, at) => `g${at}`),
      'tls',
      ', in g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, … (known by tls)',
    ],
  ] as const)('says who the caller was taken for: %j by %s', (groups, method, says) => {
    const text = denialText({ ...denied(privileged), subject: { name: 'alice', groups, method } });
    expect(text.split('\n').at(-1)).toBe(`decision ${id}, asked by alice${says}`);
  });

  it('does not ask for what was shown and refused', () => {
    const text = denialText({ ...denied(privileged), refusedName: true });
    expect(text.split('\n').at(-1)).toBe(
      `decision ${id}, asked by system:anonymous (who shows a certificate or a token that is refused)`,
    );
  });

  it('promises nobody a name where nobody looked who asks', () => {
    const text = denialText({ ...denied(privileged), action: 'unknown' });
    expect(text.split('\n').at(-1)).toBe(`decision ${id}, asked by system:anonymous`);
  });

  // Over the limit: whole violations from the end are left out and counted, in bytes, not characters.
  it.each([
    ['letters', 'x'],
    ['letters of two bytes', 'é'],
    ['emoji', '🐳'],
  ])('leaves out whole violations of many %s and says how many', (_, letter) => {
    const violations = Array.from({ length: 100 }, (_, i) => of(`a/b${i}`, letter.repeat(100)));
    const text = denialText(denied(...violations));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(denialLimit);
    const lines = text.split('\n');
    expect(lines.at(-1)).toBe(last);
    expect(lines.at(-2)).toBe(`${100 - (lines.length - 2)} more rules are broken.`);
    for (const line of lines.slice(0, -2)) expect(line).toMatch(/ Fix: Do not\.$/);
    const next = `a/b99: ${letter.repeat(100)} Fix: Do not.\n`;
    expect(Buffer.byteLength(text) + Buffer.byteLength(next)).toBeGreaterThan(denialLimit);
  });

  it('uses the room of the count where everything fits without it', () => {
    const fill = denialLimit - Buffer.byteLength(denialText(denied(of('a/b', ''), of('a/c', ''))));
    const full = denialText(denied(of('a/b', ''), of('a/c', 'x'.repeat(fill))));
    expect(Buffer.byteLength(full)).toBe(denialLimit);
    expect(full).toContain('a/c');
    const over = denialText(denied(of('a/b', ''), of('a/c', 'x'.repeat(fill + 1))));
    expect(over.split('\n')[1]).toBe('1 more rule is broken.');
  });

  it.each(['x', '🐳'])('cuts a first violation of %s that is too long alone', (letter) => {
    const text = denialText(denied(of('a/b', letter.repeat(5000)), of('a/c', 'short')));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(denialLimit);
    expect(Buffer.byteLength(text)).toBeGreaterThan(denialLimit - 8);
    expect(text.isWellFormed()).toBe(true);
    expect(text.split('\n').slice(1)).toEqual(['1 more rule is broken.', last]);
  });
});
