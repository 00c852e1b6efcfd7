/** One line a decision: a denial for everybody to see, an allow for whoever asks for `debug`. */
export function logDecision(log, decision) {
    if (decision.allow) {
        if (log.isLevelEnabled('debug'))
            log.debug(entries(decision), 'allowed');
    }
    else {
        log.warn({ ...entries(decision), rules: decision.violations.map(({ rule }) => rule) }, 'denied');
    }
}
function entries({ id, subject, action }) {
    return { decision: id, subject: subject.name, action };
}
