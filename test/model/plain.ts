import type { ImageUse } from '../../src/model/objects.ts';
import type { AdmissionRequest, RequestObject } from '../../src/model/request.ts';
import type { Subject } from '../../src/model/subject.ts';
import { controls } from '../../src/policy/controls/index.ts';
import type { Around, Match } from '../../src/policy/match.ts';
import type { SetDocument } from '../../src/policy/schema.ts';

/** What a set says, in names alone. */
export interface Plain {
  readonly allow: boolean;
  /** Rules that deny. */
  readonly rules: readonly string[];
  readonly exceptions: readonly string[];
  /** Rules that only watch. */
  readonly observed: readonly string[];
}

/**
 * The rule once more, as plainly as it can be said, straight from the documents: no index, no cache, nothing prepared,
 * patterns as regular expressions. It is slow, and shares nothing with the engine but what the controls find.
 */
export function plainly(documents: readonly SetDocument[], request: AdmissionRequest, asked: Around): Plain {
  const subject = inGroups(asked.subject, documents);
  const around = { ...asked, subject };

  const access = documents.filter((document) => document.kind === 'Access');
  const mine = access.filter(({ spec }) => spec.subjects.some((pattern) => isWho(pattern, subject)));
  const names = (actions: readonly string[]) => actions.some((pattern) => glob(pattern, request.action));
  const denied = mine.filter(({ spec }) => spec.deny.some(({ actions }) => names(actions)));
  const granted = mine.some(({ spec }) =>
    spec.allow.some(({ actions, on }) => on === 'any' && names(actions)),
  );
  const refused =
    denied.length > 0
      ? denied.map(({ metadata }) => `access/${metadata.name}`)
      : access.length > 0 && !granted
        ? ['access/not-granted']
        : [];

  const exceptions = documents.filter((document) => document.kind === 'Exception');
  const found = { deny: [] as string[], watch: [] as string[] };
  const used = new Set<string>();
  for (const policy of documents) {
    if (policy.kind !== 'Policy') continue;
    const { match, exclude, profile, controls: own = {}, mode = 'deny' } = policy.spec;
    if (match !== undefined && !isMeant(match, request, around, 'some')) continue;
    if (exclude !== undefined && isMeant(exclude, request, around, 'every')) continue;
    for (const control of controls) {
      const given = own[control.name];
      const brought =
        profile === undefined || profile === 'privileged' ? undefined : control.profiles[profile];
      const parameters = given ?? brought;
      if (parameters === undefined) continue;
      const reads = control.reads;
      if (reads !== 'every request' && !reads.some((part) => request.object[part] !== undefined)) continue;
      const its = (given as { mode?: string } | undefined)?.mode ?? mode;
      for (const { part } of control.check(request, parameters as never, around)) {
        const rule = `${policy.metadata.name}/${control.name}${part ? `.${part}` : ''}`;
        const letting = exceptions.filter(
          ({ spec }) =>
            spec.rules.some(
              (pattern) => glob(pattern, rule) || glob(pattern, rule.replace(/(\/\w+)\..*$/, '$1')),
            ) &&
            asked.now < spec.expires &&
            isMeant(spec.match, request, around, 'every'),
        );
        if (its === 'deny') for (const { metadata } of letting) used.add(metadata.name);
        if (letting.length === 0) found[its === 'deny' ? 'deny' : 'watch'].push(rule);
      }
    }
  }
  const rules = refused.length > 0 ? refused : found.deny;
  return {
    allow: rules.length === 0,
    rules: rules.sort(),
    exceptions: refused.length > 0 ? [] : [...used].sort(),
    observed: found.watch.sort(),
  };
}

function inGroups(subject: Subject, documents: readonly SetDocument[]): Subject {
  const groups = [...subject.groups];
  for (let before = -1; before !== groups.length; ) {
    before = groups.length;
    for (const document of documents) {
      if (document.kind !== 'Subjects') continue;
      for (const [group, { members }] of Object.entries(document.spec.groups)) {
        if (!groups.includes(group) && members.some((pattern) => isWho(pattern, { ...subject, groups })))
          groups.push(group);
      }
    }
  }
  return { ...subject, groups };
}

function isWho(pattern: string, { name, groups, method }: Subject): boolean {
  if (pattern === '*') return true;
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(pattern) ?? [];
  const isNamed = (wanted: string, text: string) => {
    if (text.startsWith('system:') && !wanted.startsWith('system:')) return false;
    return glob(wanted, text);
  };
  if (kind === 'user') return isNamed(rest, name);
  if (kind === 'cn') return method === 'tls' && isNamed(rest, name);
  return groups.some((group) => isNamed(kind === 'group' ? rest : pattern, group));
}

function isMeant(
  match: Match,
  { action, object }: AdmissionRequest,
  around: Around,
  how: 'some' | 'every',
): boolean {
  const { subjects, actions, images, labels, hosts } = match;
  const { subject, host, target, targetToCome = false } = around;
  // What lets off is not held against a request before its target is known.
  const without = how === 'every' && targetToCome;
  if (subjects !== undefined && !subjects.some((pattern) => isWho(pattern, subject))) return false;
  if (actions !== undefined && !actions.some((pattern) => glob(pattern, action))) return false;
  if (hosts !== undefined && !hosts.some((pattern) => host !== undefined && glob(pattern, host)))
    return false;
  if (images !== undefined) {
    const uses = object.images?.length ? object.images : (target?.images ?? []);
    if (uses.length === 0 && !without) return false;
    const isOne = (use: ImageUse) =>
      images.some((pattern) => (how === 'some' ? mayBe : surelyIs)(pattern, use, around));
    if (uses.length > 0 && !uses[how](isOne)) return false;
  }
  if (labels !== undefined) {
    const things = labelled(object).length > 0 ? labelled(object) : target ? labelled(target) : [];
    if (things.length === 0 && !without) return false;
    const has = (thing: ReadonlyMap<string, string>) =>
      Object.entries(labels).every(
        ([key, value]) => thing.has(key) && glob(value, thing.get(key) ?? '', subject),
      );
    if (things.length > 0 && !things[how](has)) return false;
  }
  return true;
}

function mayBe(
  pattern: string,
  { ref, role, allTags, found }: ImageUse,
  { subject, factsToCome }: Around,
): boolean {
  const [name = '', tag] = pattern.split(/:(?=[^/:]*$)/);
  const isName = (image: { registry: string; repository: string }) =>
    glob(name, `${image.registry}/${image.repository}`, subject);
  const isTagged = (image: { tag?: string }) =>
    tag === undefined || (image.tag !== undefined && glob(tag, image.tag, subject));
  if (found !== undefined && found !== 'absent') {
    if ([...found.names, ...found.digests].some((image) => isName(image) && isTagged(image))) return true;
    if (found.names.length === 0 && found.digests.some(isName)) return true;
  }
  if (ref === undefined) return role === 'load';
  if (isName(ref) && (allTags || isTagged(ref))) return true;
  return ref.maybeId && role === 'run' && found === undefined && !factsToCome;
}

function surelyIs(pattern: string, { ref, allTags, found }: ImageUse, { subject }: Around): boolean {
  const [name = '', tag] = pattern.split(/:(?=[^/:]*$)/);
  const isName = (image: { registry: string; repository: string }) =>
    glob(name, `${image.registry}/${image.repository}`, subject);
  if (ref === undefined || allTags || !isName(ref)) return false;
  if (tag !== undefined && (ref.tag === undefined || !glob(tag, ref.tag, subject))) return false;
  return found === undefined || found === 'absent' || found.digests.some(isName);
}

function labelled({ container, labels, network, build, volumes = [] }: RequestObject) {
  const whole = container?.origin === 'update' ? undefined : container;
  return [whole, network, build, ...volumes, labels && { labels }].flatMap((thing) => thing?.labels ?? []);
}

/** A glob as a regular expression; `{subject}` and `{group}` stand for names only where a caller is given. */
function glob(pattern: string, text: string, subject?: Subject): boolean {
  if (subject === undefined) return expression(pattern).test(text);
  const isPlain = (name: string) => name !== '' && !/\/|\.\./.test(name);
  const groups = pattern.includes('{group}') ? subject.groups.filter(isPlain) : [''];
  if (pattern.includes('{subject}') && !isPlain(subject.name)) return false;
  return groups.some((group) =>
    expression(pattern, { '{subject}': subject.name, '{group}': group }).test(text),
  );
}

function expression(pattern: string, names: Readonly<Record<string, string>> = {}): RegExp {
  const source = pattern.replace(/\/\*\*$|\*\*+|\*|\{subject\}|\{group\}|[^*{]+|\{/g, (part) => {
    if (part === '/**') return '(?:/.*)?';
    if (part === '*') return '[^/]*';
    if (part.startsWith('*')) return '.*';
    return (names[part] ?? part).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}
