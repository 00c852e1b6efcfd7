import { any, bool, harmless, int, list, map, since, string, struct } from '../../gojson/types.js';
import { logDriver } from './service.js';
/** What rules a swarm, its nodes, secrets and configurations, API 1.24 to 1.56. */
const tuning = "how the swarm's managers work together";
const address = 'where this node listens and is reached; that it opens ports is the action itself';
const content = 'the content, for the services that name it';
const onlyName = 'a name of the thing itself';
const caConfig = struct('CAConfig', {
    NodeCertExpiry: harmless(int, 'how often nodes renew their certificates'),
    ExternalCAs: list(struct('ExternalCA', {
        Protocol: harmless(string, 'there is one'),
        URL: string,
        Options: map(string),
        CACert: harmless(string, 'whom the daemon trusts at that URL'),
    })),
    SigningCACert: string,
    SigningCAKey: string,
    ForceRotate: harmless(int, 'makes new certificates by the authority that is in force'),
});
export const swarmSpec = struct('SwarmSpec', {
    Name: harmless(string, onlyName),
    Labels: harmless(map(string), 'labels of the swarm itself, by which nothing is chosen'),
    Orchestration: harmless(any, tuning),
    Raft: harmless(any, tuning),
    Dispatcher: harmless(any, tuning),
    CAConfig: caConfig,
    TaskDefaults: struct('TaskDefaults', { LogDriver: logDriver }),
    EncryptionConfig: harmless(any, 'whether a manager asks for a key after a restart'),
});
export const swarmInit = struct('SwarmInit', {
    ListenAddr: harmless(string, address),
    AdvertiseAddr: harmless(string, address),
    DataPathAddr: harmless(string, address),
    DataPathPort: harmless(since(40, int), address),
    ForceNewCluster: harmless(bool, 'makes this node the only manager of the swarm that it has anyhow'),
    Spec: swarmSpec,
    AutoLockManagers: harmless(bool, 'whether a manager asks for a key after a restart'),
    Availability: harmless(string, 'whether this node takes tasks'),
    DefaultAddrPool: harmless(since(39, list(string)), 'addresses of networks to come'),
    SubnetSize: harmless(since(39, int), 'addresses of networks to come'),
});
export const swarmJoin = struct('SwarmJoin', {
    ListenAddr: harmless(string, address),
    AdvertiseAddr: harmless(string, address),
    DataPathAddr: harmless(string, address),
    RemoteAddrs: list(string),
    JoinToken: harmless(string, 'lets this node in; whoever rules that swarm then rules this host'),
    Availability: harmless(string, 'whether this node takes tasks'),
});
export const swarmUnlock = struct('SwarmUnlock', {
    UnlockKey: harmless(string, 'opens what this node has anyhow'),
});
export const nodeSpec = struct('NodeSpec', {
    Name: harmless(string, onlyName),
    Labels: map(string),
    Role: string,
    Availability: harmless(string, 'whether the node takes tasks'),
});
/** The swarm has one engine of templates, and it has no options. */
const templating = struct('Templating', {
    Name: harmless(string, 'completes the text, inside the services that use it'),
    Options: harmless(map(string), 'the one engine has no options'),
});
export const secretSpec = struct('SecretSpec', {
    Name: harmless(string, onlyName),
    Labels: map(string),
    Data: harmless(string, content),
    Driver: struct('SecretDriver', {
        Name: harmless(string, 'a plugin that is installed gives the value, and was judged then'),
        Options: harmless(map(string), 'told to a plugin that is installed, and was judged then'),
    }),
    Templating: templating,
});
export const configSpec = struct('ConfigSpec', {
    Name: harmless(string, onlyName),
    Labels: map(string),
    Data: harmless(string, content),
    Templating: templating,
});
