import type { Value } from '../gojson/types.ts';
import type { RequestObject } from '../model/request.ts';
import { envNames } from './container.ts';
import type { execCreate } from './describe/exec.ts';
import { parseUser } from './user.ts';

/** The canonical object of exec.create. The command itself is nobody's to judge: it runs where it may. */
export function fromExec(body: Value<typeof execCreate>): RequestObject {
  const user = parseUser(body.User ?? '');
  return {
    exec: {
      privileged: body.Privileged === true,
      ...(user && { user }),
      env: envNames(body.Env),
    },
  };
}
