import { JsonError, readJson } from '../gojson/read.js';
import { Refusal } from '../model/error.js';
import { printable, quote } from '../model/printable.js';
import { buildArgs, buildCacheFrom, buildLabels, buildOutputs, buildUlimits } from './describe/image.js';
import { parseImage } from './image.js';
import { parseCpus, parseUlimits } from './limits.js';
const nothing = new Map();
/**
 * The canonical object of build: its parameters, since the Dockerfile travels in the tar or the session.
 * The classic builder makes its containers without asking; on BuildKit (`version=2`) limits and
 * cgroupparent have no effect, but they are read all the same.
 *
 * @throws Refusal `parameter-json`
 */
export function fromBuild(query) {
    const outputs = json(query, 'outputs', buildOutputs) ?? [];
    const remote = query.first('remote');
    const cgroupParent = query.first('cgroupparent');
    const memory = lenientInt(query.first('memory'));
    const memorySwap = lenientInt(query.first('memswap'));
    const shmSize = lenientInt(query.first('shmsize'));
    const nanoCpus = parseCpus(0, lenientInt(query.first('cpuquota')), lenientInt(query.first('cpuperiod')));
    return {
        build: {
            builder: query.first('version') === '2' ? 'buildkit' : 'classic',
            ...(remote !== '' && { remote }),
            networkMode: query.first('networkmode'),
            argNames: [...(json(query, 'buildargs', buildArgs)?.keys() ?? [])],
            labels: json(query, 'labels', buildLabels) ?? nothing,
            securityOpts: query.all('securityopt'),
            extraHosts: query.all('extrahosts'),
            ...(cgroupParent !== '' && { cgroupParent }),
            outputs: outputs.map(outputType),
            cacheFrom: json(query, 'cachefrom', buildCacheFrom) ?? [],
            ...(memory !== 0n && { memory }),
            ...(memorySwap !== 0n && { memorySwap }),
            ...(nanoCpus !== undefined && { nanoCpus }),
            ...(shmSize !== 0n && { shmSize }),
            ulimits: parseUlimits(json(query, 'ulimits', buildUlimits)),
        },
        images: imagesOf(query.all('t'), outputs),
    };
}
/** An output as the CLI names it: an `image` that is pushed is `registry`. */
function outputType(output) {
    return output.Type === 'image' && pushes(output) ? 'registry' : (output.Type ?? '');
}
/** BuildKit takes an empty `push` for true and else Go's words; what it would refuse counts as true. */
function pushes({ Attrs: attributes }) {
    const push = attributes?.get('push');
    return push !== undefined && !['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(push);
}
/** The names that the result gets, of tags and of outputs, and those under which it is pushed. */
function imagesOf(tags, outputs) {
    const names = outputs.flatMap(({ Attrs: attributes }) => split(attributes?.get('name')));
    const pushed = outputs.filter(pushes).flatMap((output) => {
        const own = split(output.Attrs?.get('name'));
        return own.length > 0 ? own : tags;
    });
    const built = [...tags, ...names].map((name) => ({ role: 'build', ref: parseImage(name) }));
    return [
        ...(built.length > 0 ? built : [{ role: 'build' }]),
        ...pushed.map((name) => ({ role: 'push', ref: parseImage(name) })),
    ];
}
function split(names) {
    return (names ?? '').split(',').filter((name) => name !== '');
}
/** Go's strconv.ParseInt with base 10 and 64 bits; what it does not take counts as 0 for the daemon. */
function lenientInt(text) {
    if (!/^[+-]?\d{1,40}$/.test(text))
        return 0n;
    const value = BigInt(text.replace(/^\+/, ''));
    return value === BigInt.asIntN(64, value) ? value : 0n;
}
/** A parameter that holds JSON, with the rules of bodies; undefined where it is absent, empty or null. */
function json(query, key, type) {
    const text = query.first(key);
    if (text === '' || text.trim() === 'null')
        return undefined;
    try {
        // Builds know no field that came with a version.
        return readJson(new TextEncoder().encode(text), type, 0).value;
    }
    catch (error) {
        if (!(error instanceof JsonError))
            throw error;
        const place = error.path === '' ? key : `${key}: ${error.path}`;
        throw new Refusal('parameter-json', `the parameter ${quote(place)}: ${printable(error.message)}.`);
    }
}
