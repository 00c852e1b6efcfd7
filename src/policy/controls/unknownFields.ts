import { z } from 'zod';
import { quote } from '../../model/printable.ts';
import { shownSecurityOption } from '../../model/secrets.ts';
import { control, type Part, type Seen } from '../control.ts';

/** Updates whose body describes a thing as a create does. */
const describing = new Set(['container.update', 'service.update', 'network.connect']);

function describes({ action, operation, object }: Seen<Part>): boolean {
  return operation === 'CREATE' || describing.has(action) || object.container?.origin === 'stored';
}

export const unknownFields = control({
  name: 'unknownFields',
  flags: [],
  about:
    'A field, parameter or security option that this version of Bulwark does not know may be a new way to weaken a container, which no control could judge.',
  reads: 'every request',
  fields: [],
  parameters: z.strictObject({
    allow: z
      .boolean()
      .default(false)
      .describe('Whether a create or update may have fields with a value that no control knows.'),
  }),
  profiles: { baseline: { allow: false }, restricted: { allow: false } },
  check(request, { allow }) {
    if (allow || !describes(request)) return [];
    // One finding for all: a request could hold thousands.
    const options = request.object.container?.security.other ?? [];
    const [first, ...more] = [
      ...request.unknown,
      ...options.map((option) => `--security-opt ${shownSecurityOption(option)}`),
    ];
    if (first === undefined) return [];
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    return [
      {
        message: `${quote(first)}${others} is not known to this version of Bulwark, so nothing can be said of what it does.`,
        fix: 'leave it out; if a newer docker needs it, ask the administrator of this host to update Bulwark.',
        value: quote(first),
      },
    ];
  },
  examples: [
    { docker: 'docker run --rm --name web --publish 8080:80 alpine' },
    {
      request: { method: 'POST', uri: '/v1.41/containers/create', body: { Image: 'alpine', Future: true } },
      breaks: [''],
    },
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: { Image: 'alpine', HostConfig: { FuturePrivilege: 'all' } },
      },
      breaks: [''],
    },
    // What is empty changes nothing: clients send back what they know of.
    {
      request: {
        method: 'POST',
        uri: '/v1.41/containers/create',
        body: { Image: 'alpine', Future: null, HostConfig: { FutureList: [] } },
      },
    },
    { docker: 'docker run --security-opt future=1 alpine', breaks: [''] },
    {
      request: { method: 'POST', uri: '/v1.41/containers/web/update', body: { FutureLimit: 1 } },
      breaks: [''],
    },
    {
      request: { method: 'POST', uri: '/v1.41/containers/create', body: { Image: 'alpine', Future: true } },
      with: { allow: true },
    },
  ],
});
