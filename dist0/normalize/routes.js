const operations = {
    R: 'READ',
    C: 'CREATE',
    U: 'UPDATE',
    D: 'DELETE',
    X: 'CONNECT',
};
/**
 * Every route of dockerd 20.10 to 29.7 in the order of its router: the first match is the daemon's.
 * Columns: action, method, path, operation (Read Create Update Delete, X for connect), body.
 */
const table = `
system.ping           GET     /_ping                                      R none
system.ping           HEAD    /_ping                                      R none
system.version        GET     /version                                    R none
system.info           GET     /info                                       R none
system.df             GET     /system/df                                  R none
system.events         GET     /events                                     R none
system.auth           POST    /auth                                       R hidden
system.debug          GET     /debug/vars                                 R none
system.debug          GET     /debug/pprof/                               R none
system.debug          GET     /debug/pprof/{name}                         R none
checkpoint.list       GET     /containers/{name...}/checkpoints           R none
checkpoint.create     POST    /containers/{name...}/checkpoints           C json
checkpoint.delete     DELETE  /containers/{name}/checkpoints/{checkpoint} D none
container.list        GET     /containers/json                            R none
container.create      POST    /containers/create                          C json
container.inspect     GET     /containers/{name...}/json                  R none
container.top         GET     /containers/{name...}/top                   R none
container.logs        GET     /containers/{name...}/logs                  R none
container.changes     GET     /containers/{name...}/changes               R none
container.export      GET     /containers/{name...}/export                R none
container.stats       GET     /containers/{name...}/stats                 R none
container.attach_ws   GET     /containers/{name...}/attach/ws             X none
container.attach      POST    /containers/{name...}/attach                X none
container.archive_stat HEAD   /containers/{name...}/archive               R none
container.archive_get GET     /containers/{name...}/archive               R none
container.archive_put PUT     /containers/{name...}/archive               U stream
container.start       POST    /containers/{name...}/start                 U none
container.stop        POST    /containers/{name...}/stop                  U none
container.restart     POST    /containers/{name...}/restart               U none
container.kill        POST    /containers/{name...}/kill                  U none
container.pause       POST    /containers/{name...}/pause                 U none
container.unpause     POST    /containers/{name...}/unpause               U none
container.wait        POST    /containers/{name...}/wait                  R none
container.resize      POST    /containers/{name...}/resize                U none
container.rename      POST    /containers/{name...}/rename                U none
container.update      POST    /containers/{name...}/update                U json
container.delete      DELETE  /containers/{name...}                       D none
container.prune       POST    /containers/prune                           D none
container.commit      POST    /commit                                     C json-or-none
exec.create           POST    /containers/{name...}/exec                  C json
exec.start            POST    /exec/{name...}/start                       X json-or-none
exec.resize           POST    /exec/{name...}/resize                      U none
exec.inspect          GET     /exec/{name...}/json                        R none
image.list            GET     /images/json                                R none
image.search          GET     /images/search                              R none
image.inspect         GET     /images/{name...}/json                      R none
image.history         GET     /images/{name...}/history                   R none
image.attestations    GET     /images/{name...}/attestations              R none
image.save            GET     /images/{name...}/get                       R none
image.save            GET     /images/get                                 R none
image.pull            POST    /images/create                              C stream
image.load            POST    /images/load                                C stream
image.push            POST    /images/{name...}/push                      R hidden
image.tag             POST    /images/{name...}/tag                       C none
image.delete          DELETE  /images/{name...}                           D none
image.prune           POST    /images/prune                               D none
distribution.inspect  GET     /distribution/{name...}/json                R none
build                 POST    /build                                      C stream
build.cancel          POST    /build/cancel                               D none
build.prune           POST    /build/prune                                D none
session               POST    /session                                    X stream
grpc                  POST    /grpc                                       X stream
volume.list           GET     /volumes                                    R none
volume.inspect        GET     /volumes/{name...}                          R none
volume.create         POST    /volumes/create                             C json
volume.update         PUT     /volumes/{name...}                          U json
volume.delete         DELETE  /volumes/{name...}                          D none
volume.prune          POST    /volumes/prune                              D none
network.list          GET     /networks                                   R none
network.list          GET     /networks/                                  R none
network.inspect       GET     /networks/{name...}                         R none
network.create        POST    /networks/create                            C json
network.connect       POST    /networks/{name...}/connect                 U json
network.disconnect    POST    /networks/{name...}/disconnect              U json
network.delete        DELETE  /networks/{name...}                         D none
network.prune         POST    /networks/prune                             D none
plugin.list           GET     /plugins                                    R none
plugin.inspect        GET     /plugins/{name...}/json                     R none
plugin.privileges     GET     /plugins/privileges                         R none
plugin.pull           POST    /plugins/pull                               C json
plugin.create         POST    /plugins/create                             C stream
plugin.enable         POST    /plugins/{name...}/enable                   U none
plugin.disable        POST    /plugins/{name...}/disable                  U none
plugin.upgrade        POST    /plugins/{name...}/upgrade                  U json
plugin.set            POST    /plugins/{name...}/set                      U json
plugin.push           POST    /plugins/{name...}/push                     R none
plugin.delete         DELETE  /plugins/{name...}                          D none
swarm.inspect         GET     /swarm                                      R none
swarm.unlockkey       GET     /swarm/unlockkey                            R none
swarm.init            POST    /swarm/init                                 C json
swarm.join            POST    /swarm/join                                 U json
swarm.leave           POST    /swarm/leave                                D none
swarm.update          POST    /swarm/update                               U json
swarm.unlock          POST    /swarm/unlock                               U json
service.list          GET     /services                                   R none
service.inspect       GET     /services/{name}                            R none
service.create        POST    /services/create                            C json
service.update        POST    /services/{name}/update                     U json
service.delete        DELETE  /services/{name}                            D none
service.logs          GET     /services/{name}/logs                       R none
task.list             GET     /tasks                                      R none
task.inspect          GET     /tasks/{name}                               R none
task.logs             GET     /tasks/{name}/logs                          R none
node.list             GET     /nodes                                      R none
node.inspect          GET     /nodes/{name}                               R none
node.update           POST    /nodes/{name}/update                        U json
node.delete           DELETE  /nodes/{name}                               D none
secret.list           GET     /secrets                                    R none
secret.inspect        GET     /secrets/{name}                             R none
secret.create         POST    /secrets/create                             C json
secret.update         POST    /secrets/{name}/update                      U json
secret.delete         DELETE  /secrets/{name}                             D none
config.list           GET     /configs                                    R none
config.inspect        GET     /configs/{name}                             R none
config.create         POST    /configs/create                             C json
config.update         POST    /configs/{name}/update                      U json
config.delete         DELETE  /configs/{name}                             D none
`;
export const routes = table
    .trim()
    .split('\n')
    .map((line) => {
    const [action = '', method = '', path = '', operation = '', body = ''] = line.split(/\s+/);
    // The table is this file's own; test/routes.test.ts holds each of its words against the daemon's routes.
    return { action, method, path, operation: operations[operation] ?? 'UPDATE', body: body };
});
