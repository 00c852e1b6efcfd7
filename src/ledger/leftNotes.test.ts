import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { areNotesLeft, leaveNote, takeNotes } from './leftNotes.ts';

it('notes are taken once, in order, without what is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-notes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await areNotesLeft(folder)).toBe(false);
  expect(takeNotes(folder)).toEqual([]);
  const broken = { event: 'break-glass', by: 'eve\u001b[31m', happened: '2026-11-30T12:00:00.000Z' } as const;
  const mended = { event: 'break-glass-undone', by: 'root', happened: '2026-11-30T12:05:00.000Z' } as const;
  const happened = '2026-11-30T12:06:00.000Z';
  const token = { id: 'x\u0007', subject: 'alice' };
  const revoked = { event: 'token-revoked', token, by: 'root', happened } as const;
  const rotated = { event: 'token-keys-rotated', by: 'root', happened } as const;
  const path = leaveNote(folder, broken);
  appendFileSync(path, 'half a li\n{"event":"stop"}\n');
  leaveNote(folder, mended);
  leaveNote(folder, revoked);
  leaveNote(folder, rotated);
  expect(await areNotesLeft(folder)).toBe(true);
  expect(takeNotes(folder)).toEqual([
    { ...broken, by: 'eve\\u001b[31m' },
    mended,
    { ...revoked, token: { id: 'x\\u0007', subject: 'alice' } },
    rotated,
  ]);
  expect(takeNotes(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

it('a note is not left behind a link', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-notes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const target = join(folder, 'target');
  writeFileSync(target, '');
  symlinkSync(target, join(folder, 'break-glass.jsonl'));
  const note = { event: 'break-glass', by: 'root', happened: '2026-11-30T12:00:00.000Z' } as const;
  expect(() => leaveNote(folder, note)).toThrow(/ELOOP/);
  expect(readFileSync(target, 'utf8')).toBe('');
});
