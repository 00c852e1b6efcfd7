import { run } from './program.js';
// Who stops reading (`| head`) has seen enough; that is no failure.
process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE')
        throw error;
});
process.exitCode = await run(process.argv.slice(2));
