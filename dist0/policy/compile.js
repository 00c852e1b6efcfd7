import { controls } from './controls/index.js';
/** A document's controls replace the profile's of that name; the others of the profile stay. */
export function compilePolicy(document) {
    const checks = [];
    for (const control of controls) {
        const own = document.controls.get(control.name);
        const profile = document.profile === 'baseline' ? control.profiles.baseline : undefined;
        if (own !== undefined)
            checks.push(bind(control, own.parameters, own.source));
        else if (profile !== undefined)
            checks.push(bind(control, profile, document.profileSource));
    }
    const everyRequest = checks.filter(({ reads }) => reads === 'every request');
    return { name: document.name, checks, everyRequest };
}
function bind(control, parameters, source) {
    // Parsed by this control's own schema, or its own profile value: the one place that pairs the two.
    const known = parameters;
    return {
        control: control.name,
        source,
        reads: control.reads,
        run: (request, context) => control.check(request, known, context),
    };
}
