/** Docker takes capabilities in any letter case, with or without `CAP_`; `ALL` has no prefix. */
export function parseCapabilities(list) {
    return (list ?? []).map((given) => ({ name: given.toUpperCase().replace(/^CAP_/, ''), given }));
}
