import { describe, expect, it } from 'vitest';
import { orPutBack, perform, type Step, type Undo } from './steps.ts';

const never = new AbortController().signal;

/** Steps that write down what they do. */
function recorder() {
  const done: string[] = [];
  const step = (what: string, undo?: Undo | 'none', error?: Error): Step => ({
    what,
    async run(changed) {
      done.push(`${what}${changed ? ' after a change' : ''}`);
      if (error !== undefined) throw error;
      return undo === 'none' ? undefined : (undo ?? (() => void done.push(`undo ${what}`)));
    },
  });
  const said: string[] = [];
  return { done, said, step, tell: (line: string) => void said.push(line) };
}

describe('perform()', () => {
  it('does all steps in order, and tells each whether one before it has changed anything', async () => {
    const { done, said, step, tell } = recorder();
    expect(await perform([step('a', 'none'), step('b'), step('c', 'none')], tell, never)).toEqual({
      ok: true,
    });
    expect(done).toEqual(['a', 'b', 'c after a change']);
    expect(said).toEqual(['is so    a', 'done     b', 'is so    c']);
  });

  it('puts back what was done, the last first, where one fails; what was so already stays', async () => {
    const { done, step, tell } = recorder();
    const error = new Error('full');
    const steps = [step('a'), step('b', 'none'), step('c'), step('d', undefined, error), step('e')];
    expect(await perform(steps, tell, never)).toEqual({ ok: false, step: 'd', error, left: [] });
    expect(done).toEqual([
      'a',
      'b after a change',
      'c after a change',
      'd after a change',
      'undo c',
      'undo a',
    ]);
  });

  it('goes on putting back where one thing cannot be, and names it', async () => {
    const { done, step, tell } = recorder();
    const stuck = () => {
      throw new Error('it is \u001b[31mgone');
    };
    const steps = [step('a'), step('b', stuck), step('c', undefined, new Error('no'))];
    const performed = await perform(steps, tell, never);
    expect(performed).toMatchObject({ left: ['b: it is \\u001b[31mgone'] });
    expect(done.at(-1)).toBe('undo a');
  });

  it('puts back what was done when it is stopped between two steps', async () => {
    const { done, step, tell } = recorder();
    const stop = new AbortController();
    const stopping: Step = { what: 'b', run: async () => void stop.abort(new Error('stopped')) as undefined };
    expect(await perform([step('a'), stopping, step('c')], tell, stop.signal)).toMatchObject({
      ok: false,
      step: 'c',
    });
    expect(done).toEqual(['a', 'undo a']);
  });

  it('names a step that failed halfway and could not put back its own half', async () => {
    const { done, step, tell } = recorder();
    const error = new Error('halfway');
    const fails = async () => {
      throw error;
    };
    const half = (undo: Undo): Step => ({
      what: 'b',
      run: () => orPutBack(fails, undo).then(() => undefined),
    });
    const well = half(() => void done.push('undo half'));
    expect(await perform([step('a'), well], tell, never)).toEqual({ ok: false, step: 'b', error, left: [] });
    expect(done).toEqual(['a', 'undo half', 'undo a']);
    const stuck = half(() => {
      throw new Error('stuck');
    });
    const performed = await perform([step('a'), stuck], tell, never);
    expect(performed).toEqual({ ok: false, step: 'b', error, left: ['b: stuck'] });
    expect(done.at(-1)).toBe('undo a');
  });
});
