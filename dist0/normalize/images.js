import { parseChanges } from './changes.js';
import { envNames, silent } from './container.js';
import { parseImage } from './image.js';
import { fromAnonymous } from './mounts.js';
import { parseUser } from './user.js';
const nothing = new Map();
/**
 * image.pull: `tag` wins over a tag in `fromImage` and may be a digest; with neither, all tags come (S,
 * 20.10 to 29.7). A colon at the end of `fromImage` is cut off by the daemon.
 */
export function fromPull(query) {
    const { ref, allTags } = tagged(query.first('fromImage').replace(/:$/, ''), query.first('tag'));
    return { images: [{ role: 'pull', ref, ...(allTags && { allTags }) }] };
}
/**
 * image.import: POST /images/create without `fromImage` in the query. A form body could still name one, and
 * make it a pull: the daemon never shows such a body, and of two Content-Type headers Bulwark sees the last
 * while the daemon acts on the first. `bodyOf` refuses every form that can be seen; one behind a second
 * header cannot.
 */
export function fromImport(query) {
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
export function fromCommit(query, body) {
    const changes = parseChanges(query.all('changes'));
    return {
        images: [{ role: 'commit', ...named(query.first('repo'), query.first('tag')) }],
        container: imageOf(body, changes),
    };
}
/** image.tag: the new name. The image that gets it is the resource. */
export function fromTag(query) {
    return { images: [{ role: 'tag', ...named(query.first('repo'), query.first('tag')) }] };
}
/** image.push: without a tag in the name or the query every tag of the repository goes. */
export function fromPush(name, query) {
    const { ref, allTags } = tagged(name, query.first('tag'));
    return { images: [{ role: 'push', ref, ...(allTags && { allTags }) }] };
}
/** image.save: of one image by path, or of any number by `names`; their content can be read from the answer. */
export function fromSave(name, query) {
    const names = name === undefined ? query.all('names') : [name];
    return { images: names.map((given) => ({ role: 'save', ref: parseImage(given) })) };
}
/** image.load: the names are in the tar, which nobody shows. */
export const loaded = { images: [{ role: 'load' }] };
/** What an image's configuration would make of a container. */
function imageOf(body, changes) {
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
function named(repo, tag) {
    return repo === '' ? {} : { ref: parseImage(withTag(repo, tag)) };
}
/** A reference that without a tag or digest means all tags. */
function tagged(name, tag) {
    const given = withTag(name, tag);
    const ref = parseImage(given);
    const allTags = ref.digest === undefined && !hasTag(given);
    if (!allTags)
        return { ref, allTags };
    const { tag: _, ...repository } = ref;
    return { ref: repository, allTags };
}
/** Puts a tag or a digest onto a name; it replaces the name's own tag, and a digest everything behind the name. */
function withTag(name, tag) {
    if (tag === '')
        return name;
    const [repository = '', digest] = name.split('@', 2);
    const bare = hasTag(repository) ? repository.slice(0, repository.lastIndexOf(':')) : repository;
    if (tag.includes(':'))
        return `${bare}@${tag}`;
    return digest === undefined ? `${bare}:${tag}` : `${bare}:${tag}@${digest}`;
}
function hasTag(name) {
    return name.lastIndexOf(':') > name.lastIndexOf('/');
}
