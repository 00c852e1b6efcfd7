import { describe, expect, test } from 'vitest';
import type { Container } from '../../model/container.ts';
import type { FoundImage } from '../../model/objects.ts';
import { anonymous } from '../../model/subject.ts';
import { silent } from '../../normalize/container.ts';
import { parseImage } from '../../normalize/image.ts';
import { root } from '../../normalize/user.ts';
import { user } from './user.ts';

const context = {
  subject: anonymous,
  protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
};

function messages(
  container: Partial<Container>,
  found: FoundImage | 'absent' | undefined,
  factsToCome = false,
): string[] {
  const request = {
    action: 'container.create',
    operation: 'CREATE' as const,
    resource: { kind: 'container' },
    minor: 44,
    query: new Map(),
    object: {
      container: { ...silent, origin: 'create' as const, ...container },
      images: [{ role: 'run' as const, ref: parseImage('app'), ...(found && { found }) }],
    },
    unknown: [],
  };
  const parameters = user.parameters.parse({ nonRoot: 'require' });
  return user.check(request, parameters, { ...context, factsToCome }).map(({ message }) => message);
}

describe('the lack of a --user', () => {
  test('is no fault before the USER of the image is known', () => {
    expect(messages({}, undefined, true)).toEqual([]);
    expect(messages({}, undefined)).toHaveLength(1);
  });

  test('is no fault of a container whose image must be pulled first: its start is judged', () => {
    expect(messages({}, 'absent')).toEqual([]);
    expect(messages({ origin: 'stored' }, 'absent')).toHaveLength(1);
  });

  test('is one of a service, whose tasks start without being asked for', () => {
    expect(messages({ origin: 'service' }, 'absent')).toHaveLength(1);
  });

  test('is named where the image has no USER either', () => {
    expect(messages({ user: root }, { names: [], digests: [] })).toEqual([
      "the image's USER, which is missing, is root inside the container.",
    ]);
  });
});
