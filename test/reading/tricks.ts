/**
 * Ways to spell a body so that two readers may read it differently. `pick` gives the trick its choices, the same for
 * the same numbers, so that fast-check can replay and shrink them.
 */
import {
  brokenByte,
  type Document,
  type Keyed,
  type List,
  type Member,
  nodes,
  overlongSlash,
  type Raw,
  type Tree,
  treeOf,
} from './tree.ts';

/** Chooses one of the values; undefined where there is none. */
export type Pick = <T>(from: readonly T[]) => T | undefined;

/** Changes a body in place; does nothing where there is no place for it. */
export type Trick = (body: Document, pick: Pick) => void;

const keyed = (body: Document) => nodes(body.root).filter((node): node is Keyed => 'members' in node);
const structs = (body: Document) => keyed(body).filter(({ kind }) => kind === 'struct');
const lists = (body: Document) => nodes(body.root).filter((node): node is List => node.kind === 'list');
const scalars = (body: Document) => nodes(body.root).filter((node): node is Raw => node.kind === 'raw');
const strings = (body: Document) => scalars(body).filter(({ text }) => /^".+"$/s.test(text));
const keysIn = (places: readonly Keyed[]) => places.flatMap(({ members }) => members);

/** A member of one of the objects, and where it stands. */
function chosen(places: readonly Keyed[], pick: Pick): { members: Member[]; at: number } | undefined {
  return pick(places.flatMap(({ members }) => members.map((_, at) => ({ members, at }))));
}

/** Writes one character of a JSON string's text as `\uXXXX`. */
function escapeOne(text: string, pick: Pick): string {
  const at = pick([...text.matchAll(/[A-Za-z0-9/.]/g)].map(({ index }) => index));
  if (at === undefined || text.includes('\\')) return text;
  const code = text.charCodeAt(at).toString(16).padStart(4, '0');
  const escaped = pick([`\\u${code}`, `\\u${code.toUpperCase()}`]);
  return `${text.slice(0, at)}${escaped}${text.slice(at + 1)}`;
}

function swapCase(text: string, pick: Pick): string {
  const other = (letter: string) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  const one = pick([...text.matchAll(/[a-z]/gi)].map(({ index }) => index)) ?? 0;
  return (
    pick([
      text.toLowerCase(),
      text.toUpperCase(),
      `${text.slice(0, one)}${other(text.slice(one, one + 1))}${text.slice(one + 1)}`,
    ]) ?? text
  );
}

const otherTypes = ['null', 'true', '1', '"1"', '"x"', '[]', '["x"]', '{}', '{"x":1}', '1.5', '-1'];
const otherValues = (pick: Pick): Tree => ({ kind: 'raw', text: pick(otherTypes) ?? 'null' });

/** Sets a scalar in a tree to another one of its type, so that two readings can be told apart. */
function changed(tree: Tree, pick: Pick): Tree {
  const copy = structuredClone(tree);
  const scalar = pick(nodes(copy).filter((node): node is Raw => node.kind === 'raw'));
  if (scalar === undefined) return copy;
  if (scalar.text.startsWith('"')) scalar.text = pick(['"other"', '""', '"host"']) ?? '""';
  else if (scalar.text === 'true' || scalar.text === 'false')
    scalar.text = scalar.text === 'true' ? 'false' : 'true';
  else scalar.text = pick(['7', '0', 'null']) ?? '7';
  return copy;
}

/** Spellings that have one reading, and which Bulwark must not refuse. */
export const harmless: Readonly<Record<string, Trick>> = {
  'letter case of a key'(body, pick) {
    const member = pick(keysIn(structs(body)));
    if (member !== undefined && !member.key.includes('\\')) member.key = swapCase(member.key, pick);
  },
  'escape in a key'(body, pick) {
    const member = pick(keysIn(keyed(body)));
    if (member !== undefined) member.key = escapeOne(member.key, pick);
  },
  'escape in a value'(body, pick) {
    const value = pick(strings(body));
    if (value !== undefined) value.text = escapeOne(value.text, pick);
  },
  'white space'(body, pick) {
    const space = pick([' ', '\n', '\r\n\t']) ?? ' ';
    const member = pick(keysIn(keyed(body)));
    if (member !== undefined) member.key = `${space}${member.key}${space}`;
    body.before = space;
    body.behind = `${space}${body.behind}`;
  },
  'another order'(body, pick) {
    const place = pick(structs(body));
    place?.members.reverse();
  },
  'null for a value'(body, pick) {
    const place = chosen(structs(body), pick);
    if (place === undefined || place.members[place.at]?.key === '"Image"') return;
    place.members.splice(place.at, 1, {
      key: place.members[place.at]?.key ?? '""',
      value: { kind: 'raw', text: 'null' },
    });
  },
  'an unknown key'(body, pick) {
    const value = treeOf(pick(['x', 0, null, [1, { a: null }], { Privileged: true, HostConfig: { x: [] } }]));
    const place = pick(structs(body));
    const key = pick(['"Unknown"', '"Host-Config"', '"HostConfig "', '"Priv\\u0069legd"', '""']) ?? '""';
    // Given twice it would not be harmless.
    if (place?.members.every((member) => member.key !== key)) place.members.push({ key, value });
  },
  'an escaped solidus'(body, pick) {
    const value = pick(strings(body).filter(({ text }) => text.includes('/') && !text.includes('\\')));
    if (value !== undefined) value.text = value.text.replaceAll('/', '\\/');
  },
};

/** Spellings with two readings somewhere, or none. */
export const dangerous: Readonly<Record<string, Trick>> = {
  'a folding letter'(body, pick) {
    const member = pick(keysIn(structs(body)).filter(({ key }) => /[sk]/i.test(key)));
    if (member === undefined) return;
    const [s, k] = pick([
      ['\u017f', '\u212a'],
      ['\\u017f', '\\u212A'],
    ]) ?? ['\u017f', '\u212a'];
    member.key = pick([member.key.replace(/s/i, s), member.key.replace(/k/i, k)]) ?? member.key;
  },
  'a key twice'(body, pick) {
    const place = chosen(keyed(body), pick);
    const member = place?.members[place.at];
    if (place === undefined || member === undefined) return;
    const spelling = pick([member.key, member.key.toLowerCase(), escapeOne(member.key, pick)]) ?? member.key;
    const again = { key: spelling, value: changed(member.value, pick) };
    place.members.splice(pick([place.at, place.at + 1, place.members.length]) ?? 0, 0, again);
  },
  'an object in two parts'(body, pick) {
    const place = chosen(structs(body), pick);
    const member = place?.members[place.at];
    if (place === undefined || member === undefined || !('members' in member.value)) return;
    const { kind, members } = member.value;
    const half = Math.ceil(members.length / 2);
    place.members.splice(place.at, 1, { ...member, value: { kind, members: members.slice(0, half) } });
    place.members.push({ key: member.key, value: { kind, members: members.slice(half) } });
  },
  'null behind a value'(body, pick) {
    const place = chosen(structs(body), pick);
    const member = place?.members[place.at];
    if (place === undefined || member === undefined) return;
    const nothing: Member = { key: member.key, value: { kind: 'raw', text: 'null' } };
    place.members.splice(pick([place.at, place.at + 1]) ?? 0, 0, nothing);
  },
  'a null element'(body, pick) {
    const list = pick(lists(body));
    const at = pick([0, list?.items.length ?? 0]) ?? 0;
    list?.items.splice(at, 0, { kind: 'raw', text: 'null' });
  },
  'a null that inherits'(body, pick) {
    const place = chosen(structs(body), pick);
    const member = place?.members[place.at];
    if (place === undefined || member?.value.kind !== 'list') return;
    const items: Tree[] = member.value.items.map(() => ({ kind: 'raw', text: pick(['null', '{}']) ?? '{}' }));
    place.members.push({ key: member.key, value: { kind: 'list', items } });
  },
  'null in a map'(body, pick) {
    const member = pick(keysIn(keyed(body).filter(({ kind }) => kind === 'map')));
    if (member !== undefined) member.value = { kind: 'raw', text: 'null' };
  },
  'HostConfig at the top'(body, pick) {
    if (!('members' in body.root)) return;
    const { members } = body.root;
    const at = members.findIndex(({ key }) => /^"hostconfig"$/i.test(key));
    const host = members[at]?.value;
    if (host === undefined || !('members' in host)) return;
    const rest = pick<Member[]>([
      [],
      [{ key: '"HostConfig"', value: { kind: 'raw', text: 'null' } }],
      [
        { key: '"HostConfig"', value: treeOf({}) },
        { key: '"HostConfig"', value: { kind: 'raw', text: 'null' } },
      ],
      [{ key: '"HostConfig"', value: treeOf({}) }],
    ]);
    members.splice(at, 1, ...host.members, ...(rest ?? []));
  },
  'one field at the top'(body, pick) {
    const top: Member = {
      key: pick(['"Memory"', '"CpuShares"', '"Cpuset"', '"MemorySwap"', '"Privileged"', '"Binds"']) ?? '""',
      value: otherValues(pick),
    };
    if ('members' in body.root) body.root.members.push(top);
  },
  'text behind the body'(body, pick) {
    body.behind =
      pick([' {}', '{"HostConfig":{"Privileged":true}}', '}', ']', ' x', '\0', 'null', ',']) ?? '';
  },
  'text before the body'(body, pick) {
    body.before = pick(['\ufeff', '/**/', '//\n', '\0', '\u00a0', '\v']) ?? '';
  },
  'another type'(body, pick) {
    const place = chosen(keyed(body), pick);
    const member = place?.members[place.at];
    if (member !== undefined) member.value = otherValues(pick);
  },
  'a string for a list'(body, pick) {
    const member = pick(keysIn(structs(body)).filter(({ value }) => value.kind === 'list'));
    if (member?.value.kind === 'list') member.value = member.value.items[0] ?? treeOf('x');
  },
  'a list around a value'(body, pick) {
    const member = pick(keysIn(keyed(body)));
    if (member !== undefined) member.value = { kind: 'list', items: [member.value] };
  },
  'a spelling of a number'(body, pick) {
    const value = pick(scalars(body).filter(({ text }) => /^-?\d/.test(text)));
    const spellings = ['1.0', '1e3', '-0', '01', '+1', '0x10', '9223372036854775807', '9223372036854775808'];
    if (value !== undefined)
      value.text = pick([...spellings, 'NaN', '1_000', '.5', '-9223372036854775808']) ?? '';
  },
  'a spelling of a word'(body, pick) {
    const value = pick(scalars(body).filter(({ text }) => /^[tf]/.test(text)));
    if (value !== undefined)
      value.text = pick(['True', 'TRUE', '"true"', '1', 'tru', "'x'", 'undefined']) ?? '';
  },
  'bytes that are no UTF-8'(body, pick) {
    const insert = (text: string) =>
      `${text.slice(0, -1)}${pick([brokenByte, overlongSlash, '\\ud800', '\\udc00\\ud800', '\ufffd'])}"`;
    const value = pick(strings(body));
    const member = pick(keysIn(keyed(body)));
    if (pick([true, false]) === true && member !== undefined) member.key = insert(member.key);
    else if (value !== undefined) value.text = insert(value.text);
  },
  'a raw control character'(body, pick) {
    const value = pick(strings(body));
    if (value !== undefined)
      value.text = `${value.text.slice(0, -1)}${pick(['\n', '\0', '\u007f', '\u2028', '\\u0000', '\\x41'])}"`;
  },
  'a comma too many'(body, pick) {
    const list = pick(lists(body));
    list?.items.push({ kind: 'raw', text: '' });
  },
  'a depth'(body, pick) {
    const depth = pick([90, 200, 10_001]) ?? 90;
    const text = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    if ('members' in body.root) body.root.members.push({ key: '"Deep"', value: { kind: 'raw', text } });
  },
  'a key of JavaScript'(body, pick) {
    const key = pick(['"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"']) ?? '""';
    const value = treeOf(pick([{ Privileged: true }, 'x', ['x'], null]));
    pick(keyed(body))?.members.push({ key, value });
  },
};
