import { z } from 'zod';
import type { ImageRef } from '../../model/image.ts';
import type { FoundImage, ImageUse } from '../../model/objects.ts';
import { printable, quote } from '../../model/printable.ts';
import { withoutCredentials } from '../../model/secrets.ts';
import type { Subject } from '../../model/subject.ts';
import { control, type Finding } from '../control.ts';
import { imageMatches, repositoryMatches } from '../imagePattern.ts';
import { matches, matchesFor } from '../pattern.ts';
import { showList, showPatterns } from '../show.ts';

const patterns = z.array(z.string());
const parameters = z.strictObject({
  allowRegistries: patterns
    .optional()
    .describe('Registries from which images may come, as patterns; Docker Hub is `docker.io`. Absent: any.'),
  allow: patterns
    .optional()
    .describe(
      'Images that are allowed, as patterns; without a tag any tag, `**` for any image. Absent: any.',
    ),
  deny: patterns.default([]).describe('Images that are denied although they are allowed, as patterns.'),
  denyTags: patterns
    .default([])
    .describe('Tags that are denied, as patterns; a reference without a tag has the tag `latest`.'),
  requireDigest: z
    .boolean()
    .default(false)
    .describe('Whether images must be named by digest, `name@sha256:...`, when they are run or pulled.'),
  allowIds: z
    .boolean()
    .default(false)
    .describe(
      'Whether images may be named by id, past everything that is said of names here. Without such a rule they may.',
    ),
  allowLocal: z
    .boolean()
    .default(false)
    .describe(
      'Whether an image that no registry vouches for, since it was built, committed, imported or loaded on this host, may run under an allowed name. For hosts that run what they build.',
    ),
});
type Parameters = z.infer<typeof parameters>;

/** Uses that bring an image to the host or start it, and those that give one its name here. */
const taken = new Set(['run', 'pull']);
const made = new Set(['build', 'tag', 'commit', 'import']);

function namesMatter({ allowRegistries, allow, deny }: Parameters): boolean {
  return allowRegistries !== undefined || allow !== undefined || deny.length > 0;
}

function saysNothing(parameters: Parameters): boolean {
  return !namesMatter(parameters) && parameters.denyTags.length === 0 && !parameters.requireDigest;
}

/** All tags of a repository: a pattern with a tag allows some of them, and denies if it has one of them. */
function withoutTag({ given, registry, repository, maybeId }: ImageRef): ImageRef {
  return { given, registry, repository, maybeId };
}

function judgeName(ref: ImageRef, allTags: boolean, parameters: Parameters, subject: Subject): Finding[] {
  const { allowRegistries, allow, deny } = parameters;
  const shown = quote(ref.given);
  const value = printable(ref.given);
  const asked = allTags ? withoutTag(ref) : ref;
  const findings: Finding[] = [];
  if (allowRegistries && !allowRegistries.some((pattern) => matchesFor(pattern, ref.registry, subject))) {
    findings.push({
      part: 'registry',
      message: `${shown} belongs to the registry ${printable(ref.registry)}, which is not allowed here.`,
      fix: `use an image of ${showPatterns(allowRegistries, subject)}.`,
      value,
    });
  }
  if (allow && !allow.some((pattern) => imageMatches(pattern, asked, subject))) {
    const message = `${shown} is not among the images that are allowed here.`;
    findings.push({ message, fix: `use one of: ${showPatterns(allow, subject)}.`, value });
  }
  const isDenied = allTags ? repositoryMatches : imageMatches;
  const denied = deny.find((pattern) => isDenied(pattern, ref, subject));
  if (denied !== undefined) {
    const message = `${shown} is denied here as ${printable(denied)}.`;
    findings.push({ message, fix: 'use another image or version.', value });
  }
  return findings;
}

function judgeVersion(ref: ImageRef, use: ImageUse, { denyTags, requireDigest }: Parameters): Finding[] {
  const allTags = use.allTags === true;
  const shown = quote(ref.given);
  const value = printable(ref.given);
  const findings: Finding[] = [];
  // A digest fixes the content, whatever tag stands beside it.
  const tag = ref.digest === undefined ? ref.tag : undefined;
  const denied = tag !== undefined && denyTags.some((pattern) => matches(pattern, tag));
  if (denied || (allTags && denyTags.length > 0)) {
    findings.push({
      part: 'tag',
      message: allTags
        ? `--all-tags of ${shown} has tags that are denied here: ${showList(denyTags)}.`
        : `${shown} has the tag ${printable(tag ?? '')}, which is denied here: what it stands for changes.`,
      fix: 'name a version, as in alpine:3.20.',
      value,
    });
  }
  if (requireDigest && taken.has(use.role) && (ref.digest === undefined || allTags) && !ref.maybeId) {
    findings.push({
      part: 'digest',
      message: `${shown} has no digest: what it stands for may change between a review and a run.`,
      fix: 'name it as NAME@sha256:..., as docker images --digests shows it.',
      value,
    });
  }
  return findings;
}

/**
 * What stands behind the name on this host, so that nothing passes for another image by a name that was put on it. A
 * digest is of the repository from which the image came; under a list one must be of the very repository, or of
 * another that is allowed.
 */
function judgeFound(
  ref: ImageRef,
  { names, digests }: FoundImage,
  parameters: Parameters,
  subject: Subject,
): Finding[] {
  const { allow, allowRegistries, deny, allowLocal } = parameters;
  const shown = quote(ref.given);
  for (const name of names) {
    const denied = deny.find((pattern) => imageMatches(pattern, name, subject));
    if (denied === undefined) continue;
    const message = `${shown} is on this host the same image as ${quote(name.given)}, which is denied here as ${printable(denied)}.`;
    return [{ message, fix: 'use another image or version.', value: printable(name.given) }];
  }
  if (allow === undefined && allowRegistries === undefined) return [];
  const isVouched = (digest: ImageRef) =>
    (digest.registry === ref.registry && digest.repository === ref.repository) ||
    judgeName(digest, false, parameters, subject).length === 0;
  if (digests.some(isVouched) || (allowLocal && digests.length === 0)) return [];
  const [other] = digests;
  const message =
    other === undefined
      ? `${shown} did not come from its registry: it was built, committed, imported or loaded on this host, and carries that name.`
      : `${shown} is on this host the image of ${quote(other.given)}, and carries another name.`;
  const fix = `docker pull ${printable(ref.given)} brings the one of the registry; push your own there first.`;
  return [{ part: 'local', message, fix, value: printable(ref.given) }];
}

function judge(use: ImageUse, parameters: Parameters, subject: Subject): Finding[] {
  const { role, ref, from, allTags = false } = use;
  const { allow, allowRegistries } = parameters;
  if (role === 'load' && (allow !== undefined || allowRegistries !== undefined)) {
    const message =
      'docker load brings in images under names that cannot be seen here, and so past the list of those allowed.';
    return [{ part: 'load', message, fix: 'push the image to an allowed registry and docker pull it.' }];
  }
  if (from !== undefined && allowRegistries !== undefined) {
    const message = `${quote(withoutCredentials(from))} is no registry that is allowed here, and docker import would fetch an image from it.`;
    const fix = `use an image of ${showPatterns(allowRegistries, subject)}.`;
    return [{ part: 'registry', message, fix, value: printable(withoutCredentials(from)) }];
  }
  if (ref === undefined || (!taken.has(role) && !made.has(role))) return [];
  // An id is content by its digest: whoever allows ids is not asked for names. A name that looks like
  // one is taken for an id by the daemon first, so it is no name.
  if (ref.maybeId && taken.has(role)) {
    if (parameters.allowIds) return [];
    const message = `${quote(ref.given)} is an image's id, or could be: the rules here are about names.`;
    const fix = 'name the image in full, with its tag: docker.io/library/alpine:3.20.';
    return [{ part: 'id', message, fix, value: printable(ref.given) }];
  }
  const { found } = use;
  const names = judgeName(ref, allTags, parameters, subject);
  const looked = names.length === 0 && found !== undefined && found !== 'absent';
  return [
    ...names,
    ...(looked ? judgeFound(ref, found, parameters, subject) : []),
    ...judgeVersion(ref, use, parameters),
  ];
}

const none: Parameters = {
  deny: [],
  denyTags: [],
  requireDigest: false,
  allowIds: false,
  allowLocal: false,
};
const digest = `sha256:${'a'.repeat(64)}`;
const ours = { ...none, allowRegistries: ['registry.example.com'] };

export const images = control({
  name: 'images',
  flags: [
    'docker run IMAGE',
    'docker pull',
    'docker build --tag',
    'docker tag',
    'docker commit',
    'docker import',
    'docker load',
    'docker service create IMAGE',
  ],
  about:
    'Which images may be pulled and run, and under which names others may be made: whoever may name an image freely can put anything in the place of one that is allowed.',
  reads: ['images'],
  fields: [
    'Config.Image',
    'ContainerInspect.Image',
    'ImageInspect.*',
    'ContainerSpec.Image',
    'PullQuery.fromImage',
    'PullQuery.tag',
    'ImportQuery.fromSrc',
    'ImportQuery.repo',
    'ImportQuery.tag',
    'TagQuery.repo',
    'TagQuery.tag',
    'CommitQuery.repo',
    'CommitQuery.tag',
    'BuildQuery.t',
  ],
  parameters,
  needs: (parameters) => (namesMatter(parameters) ? ['image'] : []),
  profiles: {},
  check({ object }, parameters, { subject }) {
    if (saysNothing(parameters)) return [];
    return (object.images ?? []).flatMap((use) => judge(use, parameters, subject));
  },
  examples: [
    { docker: 'docker run alpine', with: none },
    { docker: 'docker run c0ffee', with: none },
    { docker: 'docker run registry.example.com/team/app:1', with: ours },
    { docker: 'docker run alpine', with: ours, breaks: ['registry'] },
    { docker: 'docker pull alpine', with: ours, breaks: ['registry'] },
    { docker: 'docker create registry.example.com.evil.org/app:1', with: ours, breaks: ['registry'] },
    { docker: 'docker service create alpine', with: ours, breaks: ['registry'] },
    { docker: 'docker run c0ffee', with: ours, breaks: ['id'] },
    { docker: 'docker run c0ffee', with: { ...ours, allowIds: true } },
    { docker: 'docker tag evil registry.example.com/team/app:1', with: ours },
    { docker: 'DOCKER_BUILDKIT=0 docker build --tag app .', with: ours, breaks: ['registry'] },
    { docker: 'DOCKER_BUILDKIT=0 docker build .', with: ours },
    { docker: 'docker import https://example.com/root.tar', with: ours, breaks: ['registry'] },
    { docker: 'docker import image.tar registry.example.com/team/app:2', with: ours },
    { docker: 'docker load --input image.tar', with: ours, breaks: ['load'] },
    { docker: 'docker load --input image.tar', with: { ...none, denyTags: ['latest'] } },
    { docker: 'docker run alpine:3.20', with: { ...none, allow: ['alpine', 'registry.example.com/**'] } },
    { docker: 'docker run someone/alpine', with: { ...none, allow: ['alpine'] }, breaks: [''] },
    { docker: 'docker commit web alpine:3.20', with: { ...none, allow: ['mine/*'] }, breaks: [''] },
    { docker: 'docker commit web mine/app', with: { ...none, allow: ['mine/*'] } },
    { docker: 'docker tag evil alpine:3.20', with: { ...none, deny: ['alpine'] }, breaks: [''] },
    { docker: 'docker import image.tar alpine:3.20', with: { ...none, deny: ['alpine'] }, breaks: [''] },
    { docker: 'docker run alpine:3.10', with: { ...none, deny: ['alpine:3.1*'] }, breaks: [''] },
    { docker: 'docker run alpine:3.20', with: { ...none, deny: ['alpine:3.1*'] } },
    { docker: 'docker pull --all-tags alpine', with: { ...none, deny: ['alpine:3.1*'] }, breaks: [''] },
    { docker: 'docker run alpine', with: { ...none, denyTags: ['latest'] }, breaks: ['tag'] },
    { docker: 'docker run alpine:latest', with: { ...none, denyTags: ['latest'] }, breaks: ['tag'] },
    { docker: 'docker run alpine:3.20', with: { ...none, denyTags: ['latest'] } },
    { docker: 'docker pull --all-tags alpine', with: { ...none, denyTags: ['latest'] }, breaks: ['tag'] },
    { docker: `docker run alpine@${digest}`, with: { ...none, denyTags: ['latest'], requireDigest: true } },
    { docker: `docker pull alpine@${digest}`, with: { ...none, requireDigest: true } },
    { docker: 'docker run alpine:3.20', with: { ...none, requireDigest: true }, breaks: ['digest'] },
    { docker: 'docker pull --all-tags alpine', with: { ...none, requireDigest: true }, breaks: ['digest'] },
  ],
});
