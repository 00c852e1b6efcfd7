const cache = new Map();
const cacheSize = 10_000;
/**
 * Whether a glob pattern matches a whole text: `*` stands for any characters but `/`, `**` for any
 * characters; `/**` at the end also for nothing, so that `/srv/**` matches `/srv`. Linear in the text,
 * which may be a client's and megabytes long: so not by a backtracking regular expression.
 */
export function matches(pattern, text) {
    return run(tokensOf(pattern), text, '{subject}', '{group}');
}
/**
 * As `matches`, with `{subject}` for the caller's name and `{group}` for the name of any one of its groups.
 * What stands for them is literal, never a pattern; a name that is empty or holds `/` or `..`, and so could
 * lead out of the place that the pattern names, never matches.
 */
export function matchesFor(pattern, text, { name, groups }) {
    const tokens = tokensOf(pattern);
    if (tokens.some(({ kind }) => kind === 'subject') && !isPlain(name))
        return false;
    if (!tokens.some(({ kind }) => kind === 'group'))
        return run(tokens, text, name, '');
    return groups.some((group) => isPlain(group) && run(tokens, text, name, group));
}
function isPlain(name) {
    return name !== '' && !name.includes('/') && !name.includes('..');
}
function tokensOf(pattern) {
    let tokens = cache.get(pattern);
    if (tokens === undefined) {
        tokens = tokenize(pattern);
        // Patterns come from policy files, so the cache stays small; after many reloads it starts anew.
        if (cache.size >= cacheSize)
            cache.clear();
        cache.set(pattern, tokens);
    }
    return tokens;
}
function tokenize(pattern) {
    const parts = pattern.split(/(\/\*\*$|\*+|\{subject\}|\{group\})/).filter((part) => part !== '');
    return parts.map((part) => {
        if (part === '/**')
            return { kind: 'below' };
        if (part === '{subject}')
            return { kind: 'subject' };
        if (part === '{group}')
            return { kind: 'group' };
        if (part.startsWith('*'))
            return { kind: part.length > 1 ? 'any' : 'segment' };
        return { kind: 'text', text: part };
    });
}
/** Follows all readings at once: `ends` are the places in the text where the tokens so far can end, ascending. */
function run(tokens, text, subject, group) {
    const [first] = tokens;
    if (tokens.length === 1 && first?.kind === 'text')
        return text === first.text;
    const last = tokens.at(-1);
    if (last?.kind === 'text' && !text.endsWith(last.text))
        return false;
    let ends = [0];
    for (const token of tokens) {
        switch (token.kind) {
            case 'text':
                ends = afterText(token.text, text, ends);
                break;
            case 'subject':
                ends = afterText(subject, text, ends);
                break;
            case 'group':
                ends = afterText(group, text, ends);
                break;
            case 'segment':
                ends = afterSegment(text, ends);
                break;
            case 'any':
                ends = range(ends[0] ?? 0, text.length);
                break;
            case 'below':
                ends = ends.some((end) => end === text.length || text[end] === '/') ? [text.length] : [];
        }
        if (ends.length === 0)
            return false;
    }
    return ends.at(-1) === text.length;
}
function afterText(wanted, text, ends) {
    return ends.filter((end) => text.startsWith(wanted, end)).map((end) => end + wanted.length);
}
function afterSegment(text, ends) {
    const next = [];
    let covered = -1;
    for (const end of ends) {
        // Up to there an earlier end has reached the same slash.
        if (end <= covered)
            continue;
        const slash = text.indexOf('/', end);
        covered = slash < 0 ? text.length : slash;
        for (let position = end; position <= covered; position += 1)
            next.push(position);
    }
    return next;
}
function range(from, to) {
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
