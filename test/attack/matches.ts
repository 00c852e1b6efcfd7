import type { Pattern } from './row.ts';

/** Whether a value is at least what the pattern says: see `Pattern`. */
export function matches(value: unknown, pattern: Pattern): boolean {
  if (pattern instanceof RegExp) return typeof value === 'string' && pattern.test(value);
  if (pattern === null || typeof pattern !== 'object') return value === pattern;
  if (isList(pattern)) {
    if (!Array.isArray(value)) return false;
    if (pattern.length === 0) return value.length === 0;
    return pattern.every((wanted) => value.some((element) => matches(element, wanted)));
  }
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(pattern).every(
    ([key, wanted]) => Object.hasOwn(value, key) && matches(Reflect.get(value, key), wanted),
  );
}

// Array.isArray does not narrow readonly arrays.
function isList(pattern: Pattern & object): pattern is readonly Pattern[] {
  return Array.isArray(pattern);
}
