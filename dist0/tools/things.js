import { randomBytes } from 'node:crypto';
/**
 * What the fake daemon remembers, so that it answers as one that did what it was asked: ids that it made up and
 * what was created. Whatever a command names without creating it counts as there, but for networks and volumes
 * of compose, which creates what is missing.
 */
export class Things {
    containers = [];
    networks = [];
    volumes = [];
    /** Names for which a client looked in a list: compose then asks for an external network by its name. */
    lookedFor = new Set();
    /** A client looked for the parts of a stack: it deploys one, or takes it away. */
    deploysStack = false;
    #ids = new Set();
    /** 64 hexadecimal digits, which are no other thing's. */
    newId() {
        const id = randomBytes(32).toString('hex');
        this.#ids.add(id);
        return id;
    }
    /** Whether a text is an id that was made up here, with or without `sha256:`. */
    isOwnId(text) {
        return this.#ids.has(text.trim().replace(/^sha256:/, ''));
    }
    container(ref) {
        return found(this.containers, ref);
    }
    network(ref) {
        return found(this.networks, ref);
    }
}
/** The latest of its name, or the one whose id begins so. */
function found(made, ref) {
    return (made.findLast(({ name, id }) => name === ref || id === ref) ??
        made.findLast(({ id }) => ref.length >= 12 && id.startsWith(ref)));
}
