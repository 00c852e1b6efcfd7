/** JSON with its spelling: what `JSON.stringify` would never write can be said here. Mutable, so that tricks may change it. */

export type Tree = Raw | List | Keyed;

/** A scalar as its text: `1`, `"a"`, `null`, or what is none. */
export interface Raw {
  readonly kind: 'raw';
  text: string;
}
export interface List {
  readonly kind: 'list';
  readonly items: Tree[];
}
/** `struct`: its keys fold, and objects merge. `map`: its keys are exact. `any`: keys that nobody knows. */
export interface Keyed {
  readonly kind: 'struct' | 'map' | 'any';
  readonly members: Member[];
}
export interface Member {
  /** The key's text with its quotes, as it will be written. */
  key: string;
  value: Tree;
}

/** A body: what stands before and behind its value too. */
export interface Document {
  before: string;
  root: Tree;
  behind: string;
}

export function raw(value: unknown): Raw {
  return { kind: 'raw', text: JSON.stringify(value) };
}

/** Any JSON value as a tree whose objects are `any`. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return raw(value);
  const members = Object.entries(value).map(([key, item]) => ({
    key: JSON.stringify(key),
    value: treeOf(item),
  }));
  return { kind: 'any', members };
}

/** All nodes of a tree, itself first. */
export function nodes(tree: Tree): Tree[] {
  if (tree.kind === 'raw') return [tree];
  const children = tree.kind === 'list' ? tree.items : tree.members.map(({ value }) => value);
  return [tree, ...children.flatMap(nodes)];
}

function write(tree: Tree): string {
  if (tree.kind === 'raw') return tree.text;
  if (tree.kind === 'list') return `[${tree.items.map(write).join(',')}]`;
  return `{${tree.members.map(({ key, value }) => `${key}:${write(value)}`).join(',')}}`;
}

/** Stand for bytes that are no UTF-8. */
export const brokenByte = '\ue000';
export const overlongSlash = '\ue001';

/** The bytes of a body. */
export function bytesOf({ before, root, behind }: Document): Buffer {
  const parts = `${before}${write(root)}${behind}`.split(/([\ue000\ue001])/);
  return Buffer.concat(
    parts.map((part) => {
      if (part === brokenByte) return Buffer.from([0xff]);
      if (part === overlongSlash) return Buffer.from([0xc0, 0xaf]);
      return Buffer.from(part);
    }),
  );
}
