import type { Node, Pair } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Range } from './text.ts';
import { didYouMean, word } from './word.ts';

/** Where a value and all that is in it stand in the file. */
export interface Place {
  /** The key's own range; absent for an entry of a list and for the document itself. */
  readonly key?: Range;
  readonly value: Range;
  readonly children: ReadonlyMap<PropertyKey, Place>;
  /** The value as it is written, where it is a plain or quoted word. */
  readonly written?: string;
}

export interface Tree {
  readonly value: unknown;
  readonly place: Place;
}

export type Report = (range: Range, message: string, hint?: string) => void;

/** Far more than any format of ours has. */
const maxDepth = 32;
/** Rules that a document may have are fewer, and no reason is as long. */
const maxEntries = 20_000;
const maxLength = 10_000;

/**
 * A YAML document as plain values, with their places. What YAML has beyond maps, lists and scalars is
 * reported and not read: anchors and aliases (the billion laughs, and two readers of one text), tags, keys
 * that are not words, keys that stand twice.
 */
export function readTree(node: Node, report: Report): Tree {
  return readNode(node, report, 0);
}

function readNode(node: unknown, report: Report, depth: number, key?: Range): Tree {
  const range = rangeOf(node) ?? key ?? [0, 0];
  const place = { ...(key && { key }), value: range };
  const nothing: Tree = { value: null, place: { ...place, children: new Map() } };
  if (isAlias(node)) {
    report(range, 'aliases are not read here: a word with `*` needs quotes', didYouMean(`*${node.source}`));
    return nothing;
  }
  if (depth > maxDepth) {
    report(range, `nested deeper than ${maxDepth} levels`);
    return nothing;
  }
  refuseProperties(node, key ?? range, report);
  if ((isMap(node) || isSeq(node)) && node.items.length > maxEntries) {
    report(key ?? range, `more than ${maxEntries.toLocaleString('en')} entries`, 'patterns stand for many');
    return nothing;
  }
  if (isMap(node)) return readMap(node.items, place, report, depth);
  if (isSeq(node)) {
    const entries = node.items.map((item) => readNode(item, report, depth + 1));
    const children = new Map(entries.map((entry, index) => [index, entry.place]));
    return { value: entries.map(({ value }) => value), place: { ...place, children } };
  }
  if (!isScalar(node)) return nothing;
  if (typeof node.value === 'string' && node.value.length > maxLength) {
    report(key ?? range, `longer than ${maxLength.toLocaleString('en')} characters`);
    return nothing;
  }
  const written = typeof node.source === 'string' ? { written: node.source } : {};
  return { value: node.value, place: { ...place, ...written, children: new Map() } };
}

function readMap(
  items: readonly Pair[],
  place: { readonly key?: Range; readonly value: Range },
  report: Report,
  depth: number,
): Tree {
  const values: [string, unknown][] = [];
  const children = new Map<PropertyKey, Place>();
  for (const { key, value } of items) {
    const range = rangeOf(key) ?? place.value;
    const name = isScalar(key) ? String(key.value) : '';
    refuseProperties(key, range, report);
    // zod drops this name from maps of any keys, and what is dropped would be ignored silently.
    if (name === '__proto__') report(range, `the key ${word(name)} cannot be used`);
    else if (children.has(name))
      report(range, `the key ${word(name)} stands here twice`, 'remove one of them');
    else {
      const child = readNode(value, report, depth + 1, range);
      values.push([name, child.value]);
      children.set(name, child.place);
    }
  }
  return { value: Object.fromEntries(values), place: { ...place, children } };
}

function refuseProperties(node: unknown, range: Range, report: Report): void {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
  if (node.anchor !== undefined)
    report(range, `anchors such as ${word(`&${node.anchor}`)} are not read here`, 'write the value out');
  else if (node.tag !== undefined) report(range, 'YAML tags are not read here', 'remove the word with `!`');
}

/** Nothing for a value that is not written down: the place of its key is then the better one. */
function rangeOf(node: unknown): Range | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
  const [start, end] = node.range ?? [0, 0];
  return end > start ? [start, end] : undefined;
}
