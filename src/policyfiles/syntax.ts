import { type CST, type Document, isNode, visit, type YAMLError } from 'yaml';
import { printable } from '../model/printable.ts';
import type { Range } from './text.ts';
import type { Mistake } from './validate.ts';
import { word } from './word.ts';

/** Control characters, which YAML 1.2 forbids, and marks that make an editor show another text than is read. */
const forbidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]|\r(?!\n)/gu;

/** No more are shown, whatever file this is. */
const mostForbidden = 100;

/** What no document of ours may have, wherever it stands: such a text is not read any further. */
export function outlawed(text: string, tokens: readonly CST.Token[]): readonly Mistake[] {
  const characters: Mistake[] = [];
  for (const { index, 0: character } of text.matchAll(forbidden)) {
    const message = `the character ${word(character)} cannot stand in this file`;
    characters.push(mistake([index, index + character.length], message));
    if (characters.length === mostForbidden) break;
  }
  const directives = tokens
    .filter((token) => token.type === 'directive')
    .map(({ offset, source }) =>
      mistake([offset, offset + source.length], 'YAML directives are not read here'),
    );
  return [...characters, ...directives];
}

/**
 * The first syntax error of a document, or undefined. What follows it would be a guess, so it is the only
 * one. The library's messages are for who knows YAML's grammar; those that people meet are put plainly.
 */
export function syntaxError(document: Document.Parsed, text: string): Mistake | undefined {
  const [error] = document.errors;
  if (error === undefined) return undefined;
  const opened = openedBy(document, error, text);
  if (opened !== undefined) {
    const opener = text.charAt(opened);
    const bracket = opener === '[' || opener === '{';
    const message = bracket
      ? `${word(opener)} is not closed, or what closes it is not indented`
      : 'a quote is not closed';
    return mistake([opened, opened + 1], message);
  }
  if (text.startsWith('{{', error.pos[0] - 1) || text.startsWith('{{', error.pos[0]))
    return {
      ...mistake(error.pos, 'a template that was not filled in'),
      hint: 'policy files are read as they are',
    };
  if (error.message.startsWith('Missing , between'))
    return mistake(error.pos, 'a comma is missing before this');
  const known = plain[error.code];
  if (error.message.startsWith('Implicit map keys')) return mistake(error.pos, 'a key without its colon');
  const indent = /^ */.exec(text.slice(error.pos[0]))?.[0].length ?? 0;
  const range: Range = [error.pos[0] + indent, error.pos[1] + indent];
  if (known !== undefined)
    return { ...mistake(error.code === 'BAD_INDENT' ? range : error.pos, known.message), hint: known.hint };
  const message = error.message.charAt(0).toLowerCase() + printable(error.message.slice(1));
  return mistake(range, message);
}

const plain: Partial<Record<YAMLError['code'], { readonly message: string; readonly hint: string }>> = {
  TAB_AS_INDENT: { message: 'a tab cannot indent in YAML', hint: 'use spaces' },
  BAD_INDENT: {
    message: 'indented unlike what it stands beside',
    hint: 'keys of one map, and entries of one list, begin below each other',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second key on one line',
    hint: 'a value with a colon and a blank in it needs quotes',
  },
  BAD_SCALAR_START: { message: 'a word cannot begin with this character', hint: 'put it in quotes' },
  BAD_ALIAS: { message: 'a word cannot begin with this character', hint: 'put it in quotes' },
  NON_STRING_KEY: { message: 'a key must be a word', hint: 'put it in quotes' },
  RESOURCE_EXHAUSTION: { message: 'nested too deeply', hint: 'no format here needs that' },
};

/** Deeper than any format of ours goes; the library's own walk is recursive. */
const maxDepth = 64;

/** Where the quote or bracket stands that an error misses the end of: the library marks where the text ends. */
function openedBy(document: Document.Parsed, { message, pos }: YAMLError, text: string): number | undefined {
  const closer = /closing (["'])|end with a ([\]}])/.exec(message)?.slice(1).join('');
  if (closer === undefined) return undefined;
  const opener = closer === ']' ? '[' : closer === '}' ? '{' : closer;
  let opened: number | undefined;
  visit(document, (_, node, path) => {
    const range = isNode(node) ? node.range : undefined;
    if (range && range[0] <= pos[0] && pos[0] <= range[2] && text[range[0]] === opener) {
      const closed = range[1] - range[0] > 1 && text[range[1] - 1] === closer;
      if (!closed) opened = range[0];
    }
    return path.length > maxDepth ? visit.SKIP : undefined;
  });
  return opened;
}

function mistake(range: Range, message: string): Mistake {
  return { code: 'file-syntax', range, message };
}
