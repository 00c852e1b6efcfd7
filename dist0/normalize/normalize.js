import { JsonError, readJson } from '../gojson/read.js';
import { Refusal } from '../model/error.js';
import { printable, quote } from '../model/printable.js';
import { build, isMany, unknownKeys } from './actions.js';
import { bodyOf } from './body.js';
import { matchRoute } from './match.js';
import { parseQuery, parseTarget } from './target.js';
/**
 * The oldest release that is supported, 20.10, speaks 1.41: a path without a version means that or more,
 * so fields up to 1.41 count as protection there and newer ones do not.
 */
const unversioned = 41;
/**
 * Reads a message of the daemon as the daemon itself will read the request, whatever release it is of:
 * where they differ, the reading that is worse for the host. What could be read in two ways is refused.
 *
 * @throws Refusal with the code of the trick or the fault
 */
export function normalize(message) {
    const target = parseTarget(message.uri);
    const match = matchRoute(message.method, target.path);
    if (match === undefined) {
        throw new Refusal('unknown-route', `${quote(`${message.method} ${target.path}`)} is no route of the Docker API that Bulwark knows.`);
    }
    try {
        return read(message, target, match);
    }
    catch (error) {
        if (error instanceof Refusal)
            error.action = match.route.action;
        throw error;
    }
}
function read(message, target, match) {
    const query = parseQuery(target.query, (key) => isMany(match.route.action, key));
    const route = refineRoute(match.route, query);
    const minor = target.minor ?? unversioned;
    const unknown = unknownKeys(route.action, query);
    const asked = {
        route,
        names: match.names,
        query,
        minor,
        ...bodyReader(route, message, minor, unknown),
    };
    return {
        action: route.action,
        operation: route.operation,
        minor: target.minor,
        query: query.values,
        ...build(asked),
        unknown,
    };
}
/**
 * `POST /images/create` pulls where the query names an image, and imports otherwise. Neither a pull, nor an import from
 * a URL, nor a build of a `remote` context has a body; one that comes all the same may be a form that changes the
 * parameters, under a Content-Type that was not shown: of two headers dockerd shows the last and acts on the first
 * (E 20.10, 26.1). Where a tar belongs such a form cannot be told from it.
 */
function refineRoute(route, query) {
    if (route.action === 'build' && query.first('remote') !== '')
        return { ...route, body: 'none' };
    if (route.action !== 'image.pull')
        return route;
    if (query.first('fromImage') !== '')
        return { ...route, body: 'none' };
    return { ...route, action: 'image.import', body: query.first('fromSrc') === '-' ? 'stream' : 'none' };
}
function bodyReader(route, message, minor, unknown) {
    const bytes = bodyOf(route, message);
    return {
        read(type) {
            if (bytes === undefined)
                return undefined;
            try {
                const read = readJson(bytes, type, minor);
                unknown.push(...read.unknown);
                return read.value;
            }
            catch (error) {
                if (!(error instanceof JsonError))
                    throw error;
                const place = error.path === '' ? '' : `${quote(error.path)}: `;
                throw new Refusal(error.fault, `${place}${printable(error.message)}.`);
            }
        },
    };
}
