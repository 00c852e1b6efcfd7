import { any, harmless, list, map, string, struct } from '../../gojson/types.js';
import { config, ulimit } from './container.js';
const ignored = 'decoded and dropped';
const repeated = 'a parameter of the query that some clients repeat here; nothing reads it';
/** The body of container.commit: a container's Config, laid over that of the container. */
export const commitBody = struct('CommitBody', {
    ...config.fields,
    HostConfig: harmless(any, ignored),
    NetworkingConfig: harmless(any, ignored),
    container: harmless(any, repeated),
    repo: harmless(any, repeated),
    tag: harmless(any, repeated),
    comment: harmless(any, repeated),
    author: harmless(any, repeated),
    pause: harmless(any, repeated),
    changes: harmless(any, repeated),
}, [config]);
/** The build parameters that hold JSON. */
export const buildArgs = map(string);
export const buildLabels = map(string);
export const buildUlimits = list(ulimit);
export const buildCacheFrom = list(string);
export const buildOutputs = list(struct('BuildOutput', { Type: string, Attrs: map(string) }));
