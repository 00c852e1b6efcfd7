import { shownVolumeOption } from '../model/secrets.js';
const nothing = new Map();
/** The canonical object of volume.create. A name that exists gives the old volume back, whatever the options. */
export function fromVolume(body) {
    const options = body.DriverOpts ?? nothing;
    return {
        volumes: [
            {
                ...(body.Name && { name: body.Name }),
                ...(body.Driver && { driver: body.Driver }),
                options,
                labels: body.Labels ?? nothing,
                flag: volumeFlag(body),
            },
        ],
    };
}
function volumeFlag({ Name: name, Driver: driver, DriverOpts: options }) {
    const parts = ['docker volume create'];
    // The CLI states its default where the user did not.
    if (driver && driver !== 'local')
        parts.push(`--driver ${driver}`);
    for (const [key, value] of options ?? nothing)
        parts.push(`--opt ${key}=${shownVolumeOption(key, value)}`);
    if (name)
        parts.push(name);
    return parts.join(' ');
}
