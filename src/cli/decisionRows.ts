import type { Group, GroupKey, Listed } from '../ledger/reader.ts';
import type { DecisionRecord } from '../ledger/record.ts';
import { watched } from '../ledger/rules.ts';
import { printable } from '../model/printable.ts';
import type { Cell, Column, Screen } from './textTable.ts';
import { showTime } from './times.ts';

/** Longer than every id, name or reference that a client sends in earnest. */
const longest = 400;

/** Columns of a screen from which there is room for owners. */
const roomy = 140;

/** Which columns a list of decisions has. */
export interface Shape {
  /** Denials need not say that they are. */
  readonly all: boolean;
  /** Whose the thing is that each is about. */
  readonly owners: boolean;
}

/** Whether a screen has room for owners. */
export function isRoomy({ width }: Screen): boolean {
  return width === undefined || width >= roomy;
}

/** The columns of a list of decisions. */
export function decisionColumns({ all, owners }: Shape): readonly Column[] {
  return [
    { title: 'TIME' },
    { title: 'ID' },
    ...(all ? [{ title: 'DECISION' }] : []),
    { title: 'SUBJECT', least: 10 },
    { title: 'ACTION', least: 16 },
    { title: 'ON', least: 12 },
    ...(owners ? [{ title: 'OWNER', least: 10 }] : []),
    { title: 'RULES', least: 18 },
  ];
}

export function decisionRow(record: Listed, { all, owners }: Shape, zone: string): readonly Cell[] {
  const { id, time, decision, corrected, subject, action, count, violations = [], owner } = record;
  const denied = decision === 'deny' || corrected !== undefined;
  const verdict: Cell = denied ? { text: 'deny', paint: 'red' } : { text: 'allow', paint: 'green' };
  const named = violations.map(({ rule, mode }) => (mode === undefined ? rule : watched(mode, rule)));
  const rules = corrected === undefined ? named : [corrected];
  return [
    { text: showTime(Date.parse(time), zone) },
    { text: id },
    ...(all ? [verdict] : []),
    { text: printable(subject.name, longest) },
    { text: count === undefined ? action : `${action} (${count} times)` },
    { text: printable(thingOf(record), longest) },
    ...(owners ? [{ text: printable(owner?.subject ?? '', longest) }] : []),
    { text: rules.map((rule) => printable(rule, longest)).join(', '), paint: 'bold' },
  ];
}

/** What a request is about: the name that it asks for, and the image. */
export function thingOf({ resource, object }: DecisionRecord): string {
  const images = object?.['images'];
  const [first] = Array.isArray(images) ? images : [];
  const image = typeof first?.ref === 'string' ? first.ref : '';
  const name = resource?.ref ?? '';
  return [name, image === name ? '' : image].filter((part) => part !== '').join(' of ');
}

export function groupColumns(by: GroupKey, all: boolean): readonly Column[] {
  return [
    { title: by.toUpperCase(), least: 12 },
    { title: all ? 'DECISIONS' : 'DENIALS' },
    ...(all ? [{ title: 'DENIED' }] : []),
    { title: 'FIRST' },
    { title: 'LAST' },
  ];
}

export function groupRow(
  { key, count, denied, first, last }: Group,
  all: boolean,
  zone: string,
): readonly Cell[] {
  return [
    { text: key === undefined ? '(none)' : printable(key, longest), paint: 'bold' },
    { text: String(count) },
    ...(all ? [{ text: String(denied) }] : []),
    { text: showTime(first, zone) },
    { text: showTime(last, zone) },
  ];
}

/** A group for a program, under the name of what it has in common. */
export function groupJson(by: GroupKey, { key, count, denied, first, last }: Group) {
  const iso = (time: number) => new Date(time).toISOString();
  return { [by]: key ?? null, count, denied, first: iso(first), last: iso(last) };
}
