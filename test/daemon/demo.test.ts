import { expect, test } from 'vitest';
import { playDemo } from '../demo/play.ts';

test('the demo: every answer is the expected one', async () => {
  const lines: string[] = [];
  const wrong = await playDemo((line) => void lines.push(line));
  expect(wrong, lines.join('\n')).toEqual([]);
  expect(lines.filter((line) => line.startsWith('=> denied'))).toHaveLength(9);
});
