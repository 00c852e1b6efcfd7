import { describe, expect, it } from 'vitest';
import type { Decision } from '../model/decision.ts';
import { anonymous } from '../model/subject.ts';
import { logDecision } from './decision.ts';
import { createLog, type LogLevel } from './log.ts';
import { readableLine } from './terminal.ts';

/** A log and what it wrote. */
function recorded(level: LogLevel = 'info') {
  const lines: string[] = [];
  return { log: createLog({ write: (line) => lines.push(line) }, level), lines };
}

function written(write: (log: ReturnType<typeof recorded>['log']) => void, level?: LogLevel): string {
  const { log, lines } = recorded(level);
  write(log);
  expect(lines).toHaveLength(1);
  return lines.join('');
}

const denied: Decision = {
  id: '01JD',
  allow: false,
  action: 'container.create',
  subject: anonymous,
  violations: [
    { rule: 'baseline/privileged', message: 'SECRET', fix: 'SECRET', value: 'SECRET' },
    { rule: 'baseline/binds', message: 'SECRET', fix: 'SECRET' },
  ],
};

describe('createLog()', () => {
  it('writes a line of JSON with level, time in UTC and text', () => {
    const line = written((log) => log.info({ policies: 3 }, 'ready'));
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      policies: 3,
      msg: 'ready',
    });
  });

  // Wherever a client's text stands in the values, it comes out printable.
  it.each([
    ['a value', { name: '\u001b[2J\u202e' }],
    ['a list', { names: ['\u001b[2J\u202e'] }],
    ['an object', { a: { b: '\u001b[2J\u202e' } }],
    ['a name', { '\u001b[2J\u202e': 1 }],
    ['an error', { err: new Error('\u001b[2J\u202e') }],
  ])('escapes what steers a terminal in %s', (_, values) => {
    const line = written((log) => log.info(values, 'x'));
    expect(line).not.toMatch(/[\u001b\u202e]/);
    expect(line).toContain('\\\\u001b[2J\\\\u202e');
  });

  it('cuts a long value', () => {
    expect(written((log) => log.info({ name: 'x'.repeat(100_000) }, 'x')).length).toBeLessThan(700);
  });

  it('says type, message and place of an error', () => {
    const { error } = JSON.parse(written((log) => log.error({ error: new TypeError('boom') }, 'x')));
    expect(error).toMatchObject({ type: 'TypeError', message: 'boom' });
    expect(error.at[0]).toContain('log.test.ts');
  });

  it('leaves out the text of a JSON error, which quotes its input', () => {
    const line = written((log) => {
      try {
        JSON.parse('SECRET');
      } catch (error) {
        log.error({ error }, 'x');
      }
    });
    expect(line).toContain('SyntaxError');
    expect(line).not.toContain('SECRET');
  });
});

describe('logDecision()', () => {
  it('writes a line a denial: decision, subject, action and rules, and nothing of the request', () => {
    expect(JSON.parse(written((log) => logDecision(log, denied)))).toEqual({
      level: 'warn',
      time: expect.any(String),
      decision: '01JD',
      subject: 'system:anonymous',
      action: 'container.create',
      rules: ['baseline/privileged', 'baseline/binds'],
      msg: 'denied',
    });
  });

  it('writes an allow for who asks for debug only', () => {
    const allowed = { ...denied, allow: true, violations: [] };
    const { log, lines } = recorded('info');
    logDecision(log, allowed);
    expect(lines).toEqual([]);
    expect(JSON.parse(written((debug) => logDecision(debug, allowed), 'debug'))).toMatchObject({
      msg: 'allowed',
    });
  });
});

describe('readableLine()', () => {
  it('shows local time, level, text and values', () => {
    const line = readableLine(
      written((log) => logDecision(log, denied)),
      false,
    );
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d warn {2}denied decision=01JD subject=system:anonymous action=container\.create rules=baseline\/privileged,baseline\/binds\n$/,
    );
  });

  it('colours the level alone, where asked to', () => {
    const json = written((log) => log.error('x'));
    expect(readableLine(json, true)).toContain('\u001b[31merror\u001b[0m x');
    expect(readableLine(json, false)).not.toContain('\u001b');
  });

  it('keeps an error and values with spaces on the line', () => {
    const line = readableLine(
      written((log) => log.error({ error: new Error('a b'), path: '/a b' }, 'x')),
      false,
    );
    expect(line).toMatch(/ x error="Error: a b at .*" path="\/a b"\n$/);
    expect(line.match(/\n/g)).toHaveLength(1);
  });
});
