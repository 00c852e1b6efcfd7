import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { leaveNote, takeNotes } from './leftNotes.ts';

it('notes are taken once, in order, without what is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-notes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(takeNotes(folder)).toEqual([]);
  const broken = { event: 'break-glass', by: 'eve\u001b[31m', happened: '2026-11-30T12:00:00.000Z' } as const;
  const mended = { event: 'break-glass-undone', by: 'root', happened: '2026-11-30T12:05:00.000Z' } as const;
  const path = leaveNote(folder, broken);
  appendFileSync(path, 'half a li\n{"event":"stop"}\n');
  leaveNote(folder, mended);
  expect(takeNotes(folder)).toEqual([{ ...broken, by: 'eve\\u001b[31m' }, mended]);
  expect(takeNotes(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
