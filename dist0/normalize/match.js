import { routes } from './routes.js';
/** Routes by method, in the daemon's order. */
const compiled = new Map();
for (const route of routes) {
    const entry = { route, pattern: compile(route.path) };
    const sameMethod = compiled.get(route.method);
    if (sameMethod === undefined)
        compiled.set(route.method, [entry]);
    else
        sameMethod.push(entry);
}
/** The `s` flag lets a name hold any character, as in the daemon's router. */
function compile(path) {
    const source = path
        .replaceAll('.', '\\.')
        .replace(/\{(\w+)\\\.\\\.\\\.\}/g, '(?<$1>.+)')
        .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    return new RegExp(`^${source}$`, 's');
}
const options = {
    route: { action: 'system.options', method: 'OPTIONS', path: '/', operation: 'READ', body: 'none' },
    names: {},
};
/** The route that the daemon takes for a method and a decoded path; undefined where Bulwark knows none. */
export function matchRoute(method, path) {
    if (method === 'OPTIONS')
        return options;
    for (const { route, pattern } of compiled.get(method) ?? []) {
        const found = pattern.exec(path);
        if (found !== null)
            return { route, names: found.groups ?? {} };
    }
    return undefined;
}
