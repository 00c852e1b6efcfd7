/** The exit codes of every command. */
export const exits = {
    yes: 0,
    /** A denial, a failing test, a broken set: the answer is no. */
    no: 1,
    /** The command line itself is wrong. */
    misuse: 2,
    /** `serve` cannot start on this configuration or these policies: EX_CONFIG of sysexits.h. */
    config: 78,
};
