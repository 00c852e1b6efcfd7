import type { DecisionRecord, LedgerRecord } from '../ledger/record.ts';
import { watched } from '../ledger/rules.ts';
import { safeJson } from '../model/inert.ts';
import { printable } from '../model/printable.ts';
import { csvLine } from './csv.ts';

/** The columns of a record. They stay as they are; others may come behind them. */
const columns = [
  'seq',
  'time',
  'type',
  'id',
  'decision',
  'subject',
  'groups',
  'method',
  'action',
  'operation',
  'kind',
  'ref',
  'resourceId',
  'image',
  'rules',
  'client',
  'count',
  'outcome',
  'status',
  'newId',
  'of',
  'event',
  'reason',
  'host',
] as const;

type Cells = { readonly [column in (typeof columns)[number]]?: string | number | undefined };

/** The line of titles. */
export const recordTitles = csvLine(columns);

/** A record, as the JSON that is stored, as a line: printable, lists as JSON, and nothing where it has nothing. */
export function recordLine(json: Uint8Array): string {
  // Written by `chain` from a record.
  const cells = cellsOf(JSON.parse(Buffer.from(json).toString()));
  return csvLine(columns.map((column) => cells[column] ?? ''));
}

function cellsOf(record: LedgerRecord): Cells {
  const { seq, time, type, id } = record;
  const common = { seq, time, type, id, host: shown(record.host) };
  switch (record.type) {
    case 'decision':
      return { ...common, ...decisionCells(record) };
    case 'settled': {
      const { of, outcome, status, newId } = record;
      return { ...common, of, outcome, status, newId: shown(newId) };
    }
    case 'corrected':
      return { ...common, of: record.of, reason: shown(record.reason) };
    case 'system':
      return { ...common, event: record.event, count: record.count, reason: shown(record.reason) };
  }
}

function decisionCells(record: DecisionRecord): Cells {
  const { decision, subject, action, operation, resource, object, violations = [], client, count } = record;
  const rules = violations.map(({ rule, mode }) => (mode === undefined ? rule : watched(mode, rule)));
  return {
    decision,
    subject: shown(subject.name),
    groups: list(subject.groups),
    method: subject.method,
    action: shown(action),
    operation,
    kind: shown(resource?.kind),
    ref: shown(resource?.ref),
    resourceId: shown(resource?.id),
    image: shown(imageIn(object)),
    rules: list(rules),
    client: shown(client),
    count,
  };
}

/** The image that it is about, or the first of several. */
function imageIn(object: DecisionRecord['object']): string | undefined {
  const images = object?.['images'];
  const [first] = Array.isArray(images) ? images : [];
  return typeof first?.ref === 'string' ? first.ref : undefined;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? '' : safeJson(values);
}

function shown(text: string | undefined): string | undefined {
  return text === undefined ? undefined : printable(text, Number.POSITIVE_INFINITY);
}
