import { z } from 'zod';
import { printable } from '../../model/printable.js';
import { control } from '../control.js';
import { matches } from '../pattern.js';
export const env = control({
    name: 'env',
    flags: ['docker run --env', 'docker run --env-file', 'docker service create --env'],
    about: 'Everybody who may inspect a container reads its variables, so secrets do not belong there; and some, as NVIDIA_VISIBLE_DEVICES, hand out devices.',
    reads: ['container'],
    fields: ['CommitQuery.changes', 'ImportQuery.changes', 'Config.Env', 'ContainerSpec.Env'],
    parameters: z.strictObject({
        denyNames: z.array(z.string()).default([]).describe('Names of variables that are denied, as patterns.'),
    }),
    profiles: {},
    check({ object: { container } }, { denyNames }) {
        const flag = container?.origin === 'image' ? '--change ENV' : '--env';
        return (container?.env ?? [])
            .filter((name) => denyNames.some((pattern) => matches(pattern, name)))
            .map((name) => ({
            message: `${flag} ${printable(name)} sets a variable that is denied here.`,
            fix: `drop ${flag} ${printable(name)}; a secret belongs in a file: docker run --volume /PATH/TO/FILE:/run/secrets/FILE:ro.`,
            value: printable(name),
        }));
    },
    examples: [
        { docker: 'docker run --env LANG=C alpine', with: { denyNames: ['*PASSWORD*'] } },
        { docker: 'docker run --env DB_PASSWORD=x alpine', with: { denyNames: [] } },
        { docker: 'docker run --env DB_PASSWORD=x alpine', with: { denyNames: ['*PASSWORD*'] }, breaks: [''] },
        {
            docker: 'docker run -e NVIDIA_VISIBLE_DEVICES=all alpine',
            with: { denyNames: ['NVIDIA_*'] },
            breaks: [''],
        },
        {
            docker: "docker commit --change 'ENV DB_PASSWORD=x' web mine",
            with: { denyNames: ['*PASSWORD*'] },
            breaks: [''],
        },
        // Nothing but the name counts: a value never matches.
        { docker: 'docker run --env HINT=PASSWORD alpine', with: { denyNames: ['*PASSWORD*'] } },
        {
            docker: 'docker service create --env DB_PASSWORD=x alpine',
            with: { denyNames: ['*PASSWORD*'] },
            breaks: [''],
        },
    ],
});
