import type { Message } from '../../../src/model/message.ts';
import { anonymous } from '../../../src/model/subject.ts';
import { normalize } from '../../../src/normalize/normalize.ts';
import type { Profile } from '../../../src/policy/control.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import type { Around } from '../../../src/policy/match.ts';
import { policySetOf } from '../../policySetOf.ts';
import type { Against, Row } from './row.ts';

const around: Around = {
  subject: anonymous,
  protect: { paths: [], sockets: [], container: undefined, plugin: 'bulwark' },
  now: 0,
};

function messageOf(against: Against): Message {
  const { uri, body } =
    'uri' in against ? against : { uri: '/v1.44/containers/create', body: createWith(against) };
  if (body === undefined) return { method: 'POST', uri, headers: {} };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': `${bytes.length}` };
  return { method: 'POST', uri, headers, body: bytes };
}

/** What `docker run` makes of the flags of `restricted`, but for what is asked otherwise. */
function createWith({ config = {}, host = {} }: { config?: object; host?: object }): object {
  return {
    Image: 'registry.example.com/app:1',
    User: '1000:1000',
    ...config,
    HostConfig: {
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 512 << 20,
      NanoCpus: 1_000_000_000,
      PidsLimit: 200,
      ...host,
    },
  };
}

/** The rules of a profile that a request breaks, without its name: `ports.ip`. */
export function rulesAgainst(against: Against, profile: Profile, add?: Row['add']): readonly string[] {
  const set = policySetOf(profile, { profile, ...(add && { controls: add }) });
  const { violations } = evaluate(set, normalize(messageOf(against)), around);
  return violations.map(({ rule }) => rule.slice(rule.indexOf('/') + 1));
}

/** Who of a row's requests a profile denies, and by which rules. */
export function verdict({ against = [] }: Row, profile: Profile) {
  const rules = against.map((one) => rulesAgainst(one, profile));
  const denied = rules.filter((broken) => broken.length > 0).length;
  const how = denied === 0 ? 'none' : denied === rules.length ? 'all' : 'some';
  return { how, rules: [...new Set(rules.flat())] } as const;
}
