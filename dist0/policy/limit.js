/** The flag that the user would have typed for a limit; undefined: there is none for what is asked. */
export function limitFlag({ run, service, build }, { container }) {
    if (container === undefined)
        return build;
    return container.origin === 'service' ? service : run;
}
/**
 * Holds a limit against what is required and the most that is allowed. A request for no limit is more than
 * every maximum and less than every requirement. Where nothing is said only `required` minds, and only of
 * new containers and services: an update leaves the limit as it is, and BuildKit obeys none.
 */
export function judgeLimit(object, kind, { value, lifts = false }, { required = false, max }) {
    const flag = limitFlag(kind, object);
    if (flag === undefined)
        return [];
    const limit = max === undefined ? kind.example : kind.show(max);
    if (value === undefined) {
        const isNew = object.container?.origin === 'create' || object.container?.origin === 'service';
        if (!required || !isNew)
            return [];
        const message = `${flag} is missing: without a limit ${kind.without}.`;
        return [{ part: 'required', message, fix: `add ${flag} ${limit}.` }];
    }
    const shown = kind.show(value);
    if (lifts) {
        if (!required && max === undefined)
            return [];
        const message = `${flag} ${shown} asks for no limit, and then ${kind.without}.`;
        const part = max === undefined ? 'required' : 'max';
        return [{ part, message, fix: `use ${flag} ${limit}.`, value: shown }];
    }
    if (max === undefined || value <= max)
        return [];
    const message = `${flag} ${shown} is more than the ${limit} that are allowed here.`;
    return [{ part: 'max', message, fix: `use ${flag} ${limit} or less.`, value: shown }];
}
