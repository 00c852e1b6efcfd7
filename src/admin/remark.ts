import { z } from 'zod';
import type { Refusal } from '../model/error.ts';
import { printable } from '../model/printable.ts';

/** A problem or a warning as an answer has it. */
export const remarkSchema = z.strictObject({
  code: z.string().describe('See `docs/errors.md`.'),
  detail: z.string(),
  fix: z.string(),
});

/** In characters: a refusal is a few sentences. */
const longest = 2000;

/** A refusal as a remark. Nothing of it is a client's own text but what was made printable. */
export function remark({ code, message, fix }: Refusal): z.infer<typeof remarkSchema> {
  return { code, detail: printable(message, longest), fix: printable(fix, longest) };
}
