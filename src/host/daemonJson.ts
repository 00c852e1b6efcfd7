import jsonc, { type Node } from 'jsonc-parser';
import { Refusal } from '../model/error.ts';
import { printable, quote } from '../model/printable.ts';

/** The key of `daemon.json` with the names of the plugins that are asked, in that order (Docker 1.10 to 29). */
export const pluginsKey = 'authorization-plugins';

/** What a `daemon.json` holds. */
export type DaemonJson = Readonly<Record<string, unknown>>;

/** A byte order mark, which dockerd takes from 23 on and JSON.parse does not. */
const mark = /^\ufeff/;

/**
 * Reads the text of a `daemon.json`; an empty one is `{}` (23 to 29).
 *
 * @throws Refusal `daemon-json` where dockerd would not take it, or would take another of two equal keys
 */
export function readDaemonJson(text: string, path: string): DaemonJson {
  const content = text.replace(mark, '');
  if (content.trim() === '') return {};
  const value = parsed(content, path);
  if (!isObject(value)) throw broken(path, 'it is no JSON object');
  // The tree alone shows what was written twice.
  const keys = (jsonc.parseTree(content)?.children ?? []).map(({ children }) => String(children?.[0]?.value));
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw broken(path, `it has the key ${quote(twice)} twice`);
  return value;
}

function parsed(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw broken(path, printable(error instanceof Error ? error.message : String(error)));
  }
}

/**
 * The plugins that a `daemon.json` names.
 *
 * @throws Refusal `daemon-json` where they are no list of names
 */
export function pluginsOf(json: DaemonJson, path: string): readonly string[] {
  const plugins = json[pluginsKey] ?? [];
  if (Array.isArray(plugins) && plugins.every((name) => typeof name === 'string')) return plugins;
  throw broken(path, `${quote(pluginsKey)} is no list of names`);
}

/**
 * The text of a `daemon.json` with a plugin as the last one that is asked, so that what it allows is done. All else stays
 * as it was, byte for byte.
 *
 * @throws Refusal `daemon-json`
 */
export function addPlugin(text: string, name: string, path: string): string {
  if (pluginsOf(readDaemonJson(text, path), path).includes(name)) return text;
  const added = JSON.stringify(name);
  const property = `${JSON.stringify(pluginsKey)}: [${added}]`;
  const root = treeOf(text);
  if (root === undefined) return `${text}{\n  ${property}\n}\n`;
  const list = listIn(root)?.value;
  const insert = (after: Node, what: string) => spliced(text, end(after), end(after), what);
  const last = list?.children?.at(-1);
  if (last !== undefined) return insert(last, `,${leadOf(text, last) || ' '}${added}`);
  if (list !== undefined) return spliced(text, list.offset, end(list), `[${added}]`);
  const lastProperty = root.children?.at(-1);
  if (lastProperty !== undefined) return insert(lastProperty, `,${leadOf(text, lastProperty)}${property}`);
  return spliced(text, root.offset, end(root), `{ ${property} }`);
}

/**
 * The text of a `daemon.json` without a plugin, and without the list where that was the only one: what `addPlugin` has put
 * in is gone, and nothing else.
 *
 * @throws Refusal `daemon-json`
 */
export function removePlugin(text: string, name: string, path: string): string {
  const at = pluginsOf(readDaemonJson(text, path), path).indexOf(name);
  const root = treeOf(text);
  const list = root && listIn(root);
  if (at === -1 || root === undefined || list === undefined) return text;
  const members = list.value.children ?? [];
  const properties = root.children ?? [];
  if (members.length === 1 && properties.length === 1) return spliced(text, root.offset, end(root), '{}');
  const without =
    members.length > 1
      ? withoutChild(text, members, at)
      : withoutChild(text, properties, properties.indexOf(list.property));
  // Named twice it would still be asked.
  return removePlugin(without, name, path);
}

/** The text without one of the members of a list or an object, and without the comma that it brought. */
function withoutChild(text: string, members: readonly Node[], at: number): string {
  const [before, node, after] = [members[at - 1], members[at], members[at + 1]];
  if (node === undefined) return text;
  if (before !== undefined) return spliced(text, end(before), end(node), '');
  return spliced(text, node.offset, after?.offset ?? end(node), '');
}

/** Of the whole text, so that offsets count from its start; undefined where it holds nothing. */
function treeOf(text: string): Node | undefined {
  return jsonc.parseTree(text.replace(mark, ' '));
}

function listIn(root: Node): { readonly property: Node; readonly value: Node } | undefined {
  for (const property of root.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key?.value === pluginsKey && value !== undefined) return { property, value };
  }
  return undefined;
}

/** The white space before a member, without blank lines: how the text sets one off from the other. */
function leadOf(text: string, { offset }: Node): string {
  return /(?:\r?\n)?[ \t]*$/.exec(text.slice(0, offset))?.[0] ?? '';
}

function end({ offset, length }: Node): number {
  return offset + length;
}

function spliced(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(path: string, why: string): Refusal {
  return new Refusal('daemon-json', `${quote(path, 4096)} cannot be edited: ${why}.`);
}
