/** strconv.ParseBool's words. */
const yes = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const no = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
/**
 * Splits `SecurityOpt` as the daemon does (20.10 to 29.7): at the first `=`, or, only where there is none,
 * at the first `:`. The last of a kind counts; a bare `disable` is `label=disable`.
 */
export function parseSecurityOptions(options) {
    let seccomp = {};
    let appArmor;
    let noNewPrivileges;
    let writableCgroups = false;
    let labelDisable = false;
    const labels = [];
    const other = [];
    for (const option of options) {
        const [key, value] = split(option);
        if (option === 'no-new-privileges')
            noNewPrivileges = true;
        else if (option === 'disable' || (key === 'label' && value === 'disable'))
            labelDisable = true;
        else if (option === 'writable-cgroups')
            writableCgroups = true;
        else if (key === 'label' && value !== undefined)
            labels.push(value);
        else if (key === 'seccomp' && value !== undefined)
            seccomp = parseSeccomp(value);
        else if (key === 'apparmor' && value !== undefined)
            appArmor = value;
        else if (key === 'no-new-privileges' && (yes.has(value ?? '') || no.has(value ?? ''))) {
            noNewPrivileges = yes.has(value ?? '');
        }
        else if (key === 'writable-cgroups' && (yes.has(value ?? '') || no.has(value ?? ''))) {
            writableCgroups = yes.has(value ?? '');
        }
        else
            other.push(option);
    }
    return {
        ...seccomp,
        ...(appArmor !== undefined && { appArmor }),
        labelDisable,
        labels,
        ...(noNewPrivileges !== undefined && { noNewPrivileges }),
        writableCgroups,
        other,
    };
}
function split(option) {
    const equals = option.indexOf('=');
    const at = equals < 0 ? option.indexOf(':') : equals;
    return at < 0 ? [option] : [option.slice(0, at), option.slice(at + 1)];
}
/** Only these words are special; anything else is a profile, in the request itself. */
function parseSeccomp(value) {
    if (value === '')
        return {};
    if (value === 'unconfined' || value === 'builtin')
        return { seccomp: value };
    return { seccomp: 'custom', seccompProfile: value };
}
