import { any, bool, harmless, int, list, string, struct } from '../../gojson/types.js';
const inside = 'acts inside the container alone';
const stream = 'says how the client is connected to the streams';
/** POST /containers/{name}/exec: 20.10's ExecConfig, later ExecOptions and ExecCreateRequest. */
export const execCreate = struct('ExecCreate', {
    User: string,
    Privileged: bool,
    Tty: harmless(bool, stream),
    ConsoleSize: harmless(list(int), stream),
    AttachStdin: harmless(bool, stream),
    AttachStderr: harmless(bool, stream),
    AttachStdout: harmless(bool, stream),
    Detach: harmless(bool, stream),
    DetachKeys: harmless(string, stream),
    Env: list(string),
    WorkingDir: harmless(string, inside),
    Cmd: harmless(list(string), inside),
    Container: harmless(any, 'no release from 20.10 on reads it; the path names the container (docker-py sends it)'),
});
/** POST /exec/{id}/start. All that is dangerous was said, and judged, when the exec was created. */
export const execStart = struct('ExecStart', {
    Detach: harmless(bool, stream),
    Tty: harmless(bool, stream),
    ConsoleSize: harmless(list(int), stream),
    hijack: harmless(any, 'for the client alone; no release reads it (dockerode sends it)'),
    stdin: harmless(any, 'for the client alone; no release reads it (dockerode sends it)'),
});
