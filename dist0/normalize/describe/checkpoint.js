import { bool, harmless, string, struct } from '../../gojson/types.js';
/** POST /containers/{name}/checkpoints, on experimental daemons: writes a folder of the host as root. */
export const checkpointCreate = struct('CheckpointCreate', {
    CheckpointID: string,
    CheckpointDir: string,
    Exit: harmless(bool, 'stops the container after it was saved'),
});
