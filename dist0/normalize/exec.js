import { envNames } from './container.js';
import { parseUser } from './user.js';
/** The canonical object of exec.create. The command itself is nobody's to judge: it runs where it may. */
export function fromExec(body) {
    const user = parseUser(body.User ?? '');
    return {
        exec: {
            privileged: body.Privileged === true,
            ...(user && { user }),
            env: envNames(body.Env),
        },
    };
}
