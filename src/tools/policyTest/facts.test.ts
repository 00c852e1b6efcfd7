import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readContainer } from '../../normalize/answers.ts';
import { factsSchema } from './facts.ts';

describe('the facts of a case', () => {
  // Whole answers of real daemons may be pasted.
  it.each(['20.10.24', '28.5.2'])('are read as what Docker %s answers', (release) => {
    const file = new URL(`../../../test/fixtures/inspect/${release}-captured.jsonl`, import.meta.url);
    const answers = readFileSync(file, 'utf8').trim().split('\n');
    for (const line of answers) {
      const { answer }: { answer: unknown } = JSON.parse(line);
      const read = readContainer(new TextEncoder().encode(JSON.stringify(answer)));
      expect(factsSchema.parse({ container: answer }).container).toEqual(read);
    }
    expect(answers.length).toBeGreaterThan(5);
  });

  it('need not say what does not matter', () => {
    expect(
      factsSchema.parse({ container: {}, image: {}, volumes: { a: {} }, networks: { b: {} } }),
    ).toMatchObject({
      container: { name: '', unknown: [] },
      image: { names: [], digests: [] },
      volumes: { a: { driver: '' } },
      networks: { b: { id: '', name: '' } },
    });
  });
});
