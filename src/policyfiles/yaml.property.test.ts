import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { PolicyShape, SetDocument } from '../policy/schema.ts';
import { formatFileError } from './fileerror.ts';
import { policyFormat } from './policyformat.ts';
import { parseDocuments } from './yaml.ts';

const valid = `# The rules of this lab.
apiVersion: bulwark/v1
kind: Policy
metadata: { name: house, description: "For everybody" }
spec:
  profile: baseline
  controls:
    capabilities: { allowAdd: [NET_BIND_SERVICE], requireDrop: [ALL] }
    privileged:
      allow: false
---
apiVersion: bulwark/v1
kind: Policy
metadata: { name: second }
spec: { controls: { privileged: {} } }
`;

/** Pieces that mean something to YAML, so that random texts get past its first character. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'\t\n\r\u0000\u0085\ufeff:{}[],&*!|>%#-?"\'` '.split(''),
    '\r\n',
    '---\n',
    '...\n',
    ': ',
    '- ',
  ),
  fc.constantFrom(
    'apiVersion: bulwark/v1\n',
    'kind: Policy\n',
    'spec:\n',
    '  profile',
    '&a ',
    '*a',
    '!!map ',
    '<<: ',
  ),
  fc.string({ maxLength: 5, unit: 'binary' }),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

/** The valid file with some places cut out and something else put in. */
const mutated = fc
  .array(fc.tuple(fc.nat(valid.length), fc.nat(6), piece), { minLength: 1, maxLength: 3 })
  .map((edits) =>
    edits.reduce((result, [at, length, put]) => result.slice(0, at) + put + result.slice(at + length), valid),
  );

function specOf(document: SetDocument): PolicyShape['spec'] {
  if (document.kind !== 'Policy') throw new Error('a Policy was written');
  return document.spec;
}

describe('parseDocuments(), whatever it is given', () => {
  it('never throws, and every error has its place inside the file and prints harmlessly', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(fc.oneof(text, mutated), (input) => {
        const lines = input.split(/\r?\n/);
        for (const error of parseDocuments(input, 'x.yaml', policyFormat).errors) {
          const { line = 0, column = 0, endColumn = 0, lineText } = error.at ?? {};
          expect(lineText).toBe(lines[line - 1]);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(endColumn).toBeGreaterThanOrEqual(column);
          expect(endColumn).toBeLessThanOrEqual([...(lineText ?? '')].length + 1);
          expect(formatFileError(error)).toMatch(/^[^\p{Cc}\p{Cf}]+(\n[^\p{Cc}\p{Cf}]*){2}$/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('applies a changed file whole or not at all', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(mutated, (input) => {
        const { documents, errors } = parseDocuments(input, 'x.yaml', policyFormat);
        if (errors.length > 0) return;
        // Another reading of the same text: everything it finds must have arrived.
        const expected = [...parseAllDocuments(input)]
          .map((document) => document.toJS())
          .filter((value) => value !== null);
        expect(documents.map(({ value }) => [value.metadata, specOf(value).profile])).toEqual(
          expected.map(({ metadata, spec }) => [metadata, spec.profile]),
        );
        expect(documents.map(({ value }) => Object.keys(specOf(value).controls ?? {}).sort())).toEqual(
          expected.map(({ spec }) => Object.keys(spec.controls ?? {}).sort()),
        );
        documents.forEach(({ value }, index) => {
          expect(specOf(value).controls ?? {}).toMatchObject(expected[index].spec.controls ?? {});
        });
      }),
      { numRuns: 500 },
    );
  });
});
