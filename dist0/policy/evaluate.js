/**
 * Holds a request against every policy of the set: any violation denies, and all of them are reported.
 * An empty result says that the policies have nothing against it, no more.
 * Pure. Throws what a control throws, which the caller must take as a denial.
 */
export function evaluate(set, request, context) {
    const violations = [];
    const bare = Object.keys(request.object).length === 0;
    for (const { name, checks, everyRequest } of set.policies) {
        for (const check of bare ? everyRequest : checks) {
            if (!concerns(check.reads, request))
                continue;
            for (const { part, ...finding } of check.run(request, context)) {
                const rule = part ? `${name}/${check.control}.${part}` : `${name}/${check.control}`;
                violations.push({ rule, ...finding, source: check.source });
            }
        }
    }
    return violations;
}
/** Whether a request has any of the parts that a control reads. */
export function concerns(reads, { object }) {
    return reads === 'every request' || reads.some((part) => object[part] !== undefined);
}
