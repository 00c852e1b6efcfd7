import { anonymous, type Subject } from '../model/subject.ts';
import { groupKinds, nameKinds } from '../policy/subjects.ts';

/** How somebody is named for a trial: `user:alice,group:web`. */
export type AsResult = { readonly subject: Subject } | { readonly error: string };

/**
 * Reads whom a trial speaks for: one name (`user:`, `cn:`) and any groups (`group:`, and with their prefix `ou:`,
 * `o:`, `dns:`, `email:`, `uri:`, `claim:`), separated by commas. Undefined is the caller of whom nothing is known.
 */
export function asSubject(text: string | undefined): AsResult {
  if (text === undefined) return { subject: anonymous };
  const names: string[] = [];
  const groups: string[] = [];
  for (const entry of text.split(',')) {
    const [, kind = '', value = ''] = /^\s*([a-z]+):(.*?)\s*$/s.exec(entry) ?? [];
    if (value === '' || ![...nameKinds, ...groupKinds].includes(kind)) {
      return {
        error:
          'write who asks as `user:alice,group:web`; `ou:`, `o:`, `cn:`, `dns:`, `email:`, `uri:` and `claim:` work too',
      };
    }
    if (nameKinds.includes(kind)) names.push(value);
    else groups.push(kind === 'group' ? value : `${kind}:${value}`);
  }
  const [name, ...others] = names;
  if (name === undefined) return { error: 'name a user too, as in `user:alice,group:web`' };
  if (others.length > 0) return { error: 'name one user' };
  if (name === anonymous.name) return { subject: anonymous };
  const certificate = /(?:^|,)\s*(?:cn|ou|o|dns|email|uri):/.test(text);
  return {
    subject: { name, groups: [...groups, 'system:authenticated'], method: certificate ? 'tls' : 'token' },
  };
}
