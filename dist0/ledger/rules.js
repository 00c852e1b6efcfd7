/** The rules that a decision names, and the controls of which they are parts: `house/memory` for `house/memory.max`. */
export function rulesOf({ violations = [] }) {
    return new Set(violations.flatMap(({ rule }) => [rule, rule.replace(/(\/[^/.]*)\..*$/, '$1')]));
}
