import type { Value } from '../gojson/types.ts';
import type { Container } from '../model/container.ts';
import type { ImageRef } from '../model/image.ts';
import type { ImageUse } from '../model/objects.ts';
import type { RequestObject } from '../model/request.ts';
import { parseChanges } from './changes.ts';
import { envNames, silent } from './container.ts';
import type { commitBody } from './describe/image.ts';
import { parseImage } from './image.ts';
import { fromAnonymous } from './mounts.ts';
import type { Query } from './target.ts';
import { parseUser } from './user.ts';

const nothing: ReadonlyMap<string, string> = new Map();

/**
 * image.pull: `tag` wins over a tag in `fromImage` and may be a digest; with neither, all tags come (S,
 * 20.10 to 29.7). A colon at the end of `fromImage` is cut off by the daemon.
 */
export function fromPull(query: Query): RequestObject {
  const { ref, allTags } = tagged(query.first('fromImage').replace(/:$/, ''), query.first('tag'));
  return { images: [{ role: 'pull', ref, ...(allTags && { allTags }) }] };
}

/**
 * image.import: POST /images/create without `fromImage` in the query. A form body could still name one, and
 * make it a pull: the daemon never shows such a body, and of two Content-Type headers Bulwark sees the last
 * while the daemon acts on the first. `bodyOf` refuses every form that can be seen; one behind a second
 * header cannot.
 */
export function fromImport(query: Query): RequestObject {
  const from = query.first('fromSrc');
  const changes = parseChanges(query.all('changes'));
  return {
    images: [
      {
        role: 'import',
        ...named(query.first('repo'), query.first('tag')),
        ...(from !== '' && from !== '-' && { from }),
      },
    ],
    container: imageOf({}, changes),
  };
}

/** container.commit: the body's Config, changed by the lines of `changes`, laid over that of the container. */
export function fromCommit(query: Query, body: Value<typeof commitBody>): RequestObject {
  const changes = parseChanges(query.all('changes'));
  return {
    images: [{ role: 'commit', ...named(query.first('repo'), query.first('tag')) }],
    container: imageOf(body, changes),
  };
}

/** image.tag: the new name. The image that gets it is the resource. */
export function fromTag(query: Query): RequestObject {
  return { images: [{ role: 'tag', ...named(query.first('repo'), query.first('tag')) }] };
}

/** image.push: without a tag in the name or the query every tag of the repository goes. */
export function fromPush(name: string, query: Query): RequestObject {
  const { ref, allTags } = tagged(name, query.first('tag'));
  return { images: [{ role: 'push', ref, ...(allTags && { allTags }) }] };
}

/** image.save: of one image by path, or of any number by `names`; their content can be read from the answer. */
export function fromSave(name: string | undefined, query: Query): RequestObject {
  const names = name === undefined ? query.all('names') : [name];
  return { images: names.map((given): ImageUse => ({ role: 'save', ref: parseImage(given) })) };
}

/** image.load: the names are in the tar, which nobody shows. */
export const loaded: RequestObject = { images: [{ role: 'load' }] };

/** What an image's configuration would make of a container. */
function imageOf(body: Value<typeof commitBody>, changes: ReturnType<typeof parseChanges>): Container {
  const user = parseUser(changes.user ?? body.User ?? '');
  const volumes = [...(body.Volumes?.keys() ?? []), ...changes.volumes];
  return {
    ...silent,
    origin: 'image',
    ...(user && { user }),
    ...(body.Image && { image: parseImage(body.Image) }),
    mounts: volumes.flatMap((path) => fromAnonymous(path, '').mounts),
    env: [...envNames(body.Env), ...changes.env],
    labels: new Map([...(body.Labels ?? nothing), ...changes.labels]),
  };
}

/** A reference from `repo` and `tag`; none where there is no `repo`, so that the image stays without a name. */
function named(repo: string, tag: string): { ref?: ImageRef } {
  return repo === '' ? {} : { ref: parseImage(withTag(repo, tag)) };
}

/** A reference that without a tag or digest means all tags. */
function tagged(name: string, tag: string): { ref: ImageRef; allTags: boolean } {
  const given = withTag(name, tag);
  const ref = parseImage(given);
  const allTags = ref.digest === undefined && !hasTag(given);
  if (!allTags) return { ref, allTags };
  const { tag: _, ...repository } = ref;
  return { ref: repository, allTags };
}

/** Puts a tag or a digest onto a name; it replaces the name's own tag, and a digest everything behind the name. */
function withTag(name: string, tag: string): string {
  if (tag === '') return name;
  const [repository = '', digest] = name.split('@', 2);
  const bare = hasTag(repository) ? repository.slice(0, repository.lastIndexOf(':')) : repository;
  if (tag.includes(':')) return `${bare}@${tag}`;
  return digest === undefined ? `${bare}:${tag}` : `${bare}:${tag}@${digest}`;
}

function hasTag(name: string): boolean {
  return name.lastIndexOf(':') > name.lastIndexOf('/');
}
