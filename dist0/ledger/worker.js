import { failureOf } from './failure.js';
import { Keeper } from './keeper.js';
process.title = 'bulwark-ledger';
// A terminal and a service manager signal the whole group; this one ends when the main process says so, or is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => { });
process.on('disconnect', end);
// Given by `startWorker`, whose parameter has this type.
const options = JSON.parse(process.argv[2] ?? '');
const keeper = new Keeper(options, (full) => reply({ type: 'disk', full }));
function reply(message) {
    // Where nobody listens any more, `disconnect` follows.
    if (process.connected)
        process.send?.(message, () => { });
}
function end() {
    keeper.close();
    process.exit();
}
process.on('message', (request) => {
    if (request === 'close')
        return end();
    try {
        // Made by the writer from entries.
        const batch = JSON.parse(request.batch);
        reply({ type: 'written', ...keeper.write(batch) });
    }
    catch (error) {
        reply({ type: 'failed', failure: failureOf(error, options.path) });
    }
});
