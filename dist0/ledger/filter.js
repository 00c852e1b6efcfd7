import { nameIn } from '../policy/imagePattern.js';
/**
 * A filter in SQL. The two words of `type` and `decision` stand in the text, since partial indexes are found by
 * them. All indexes are in the order of time behind what they are of, so a pattern, which SQLite would answer by
 * sorting all that match, is replaced by the one value that it means, or not looked up by index (`+`). For what is
 * read in the order of `seq` no index helps: the table itself is in that order.
 */
export function conditionsOf(filter, order, expand) {
    const { decision, rule, since, until } = filter;
    const wanted = wantedBy(filter);
    const leads = order === 'time' && wanted.length === 0 && rule !== undefined && !rule.includes('*');
    const by = leads ? 'v' : 'r';
    const where = ["r.type = 'decision'"];
    const values = [];
    const add = (condition, ...given) => {
        where.push(condition);
        values.push(...given);
    };
    if (decision !== undefined)
        where.push(`r.decision = '${decision === 'deny' ? 'deny' : 'allow'}'`);
    for (const one of wanted) {
        if (one.exact)
            add(`r.${one.column} = ?`, one.value);
        else {
            const few = order === 'time' ? expand(one) : undefined;
            if (few === undefined)
                add(`+r.${one.test}`, one.value);
            else if (few.length === 1)
                add(`r.${one.column} = ?`, ...few);
            else
                add(`+r.${one.column} IN (${few.map(() => '?').join(', ')})`, ...few);
        }
    }
    if (since !== undefined)
        add(`${by}.time >= ?`, since);
    if (until !== undefined)
        add(`${by}.time < ?`, until);
    if (rule !== undefined)
        add(...ruleCondition(rule, leads, order));
    if (leads)
        return { from: 'violations v CROSS JOIN records r ON r.seq = v.seq', where, values, by };
    return { from: order === 'time' ? 'records r' : 'records r NOT INDEXED', where, values, by };
}
function wantedBy({ subject, action, resource, image }) {
    const texts = { subject, action, resource };
    const columns = ['subject', 'action', 'resource'].flatMap((column) => {
        const text = texts[column];
        if (text === undefined)
            return [];
        const exact = !text.includes('*');
        return [{ column, exact, value: pattern(text), test: `${column} GLOB ?`, range: beginning(text) }];
    });
    if (image === undefined)
        return columns;
    const test = 'image IS NOT NULL AND image_matches(?, r.image)';
    return [...columns, { column: 'image', exact: false, value: image, test, range: beginning(nameIn(image)) }];
}
/** A range of all texts that a pattern can mean. */
function beginning(text) {
    const start = /^[^*]*/.exec(text)?.[0] ?? '';
    return [start, `${start}\u{10ffff}`];
}
/** Where nothing else narrows the search, the rule leads; a pattern could find one record twice. */
function ruleCondition(rule, leads, order) {
    if (leads)
        return ['v.rule = ?', rule];
    if (order === 'time' && !rule.includes('*')) {
        return [
            'EXISTS (SELECT 1 FROM violations v WHERE v.rule = ? AND v.time = r.time AND v.seq = r.seq)',
            rule,
        ];
    }
    // No index is in the order of records: for a pattern SQLite would make one of all violations, each time anew.
    const broken = "SELECT e.value ->> 'rule' AS rule FROM json_each(r.json, '$.violations') e";
    const condition = `EXISTS (SELECT 1 FROM (${broken}) b WHERE b.rule ${like(rule)} OR b.rule GLOB ?)`;
    return [condition, pattern(rule), `${escaped(rule)}.*`];
}
function like(text) {
    return text.includes('*') ? 'GLOB ?' : '= ?';
}
function pattern(text) {
    return text.includes('*') ? escaped(text) : text;
}
/** For GLOB, `*` is the only sign that is not itself. */
function escaped(text) {
    return text.replace(/[[?]/g, '[$&]');
}
