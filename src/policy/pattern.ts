const cache = new Map<string, RegExp>();
const cacheSize = 10_000;

/**
 * Whether a glob pattern matches a whole text: `*` stands for any characters but `/`, `**` for any
 * characters; `/**` at the end also for nothing, so that `/srv/**` matches `/srv`. Linear time.
 */
export function matches(pattern: string, text: string): boolean {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = compile(pattern);
    // Patterns come from policy files, so the cache stays small; after many reloads it starts anew.
    if (cache.size >= cacheSize) cache.clear();
    cache.set(pattern, compiled);
  }
  return compiled.test(text);
}

function compile(pattern: string): RegExp {
  const source = pattern
    .replace(/\/\*\*$/, '\u0000')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, (stars) => (stars.length > 1 ? '[^]*' : '[^/]*'))
    .replace('\u0000', '(?:/[^]*)?');
  return new RegExp(`^${source}$`);
}
