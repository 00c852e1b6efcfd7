import { Refusal } from '../model/error.ts';
import { placeOf } from '../policyfiles/fileerror.ts';
import type { Services } from './services.ts';

/** What is known of the daemon, in a word. */
export const daemonStates = ['asks', 'waiting', 'silent', 'unreachable', 'off'] as const;

export function daemonState({ beat }: Services): (typeof daemonStates)[number] {
  return beat?.().state ?? 'off';
}

/** A batch that takes longer than this counts as stalled, in milliseconds. */
const longestBatch = 1000;

/** Why Bulwark does not decide as it should. */
export function problemsOf({ state, policies, beat }: Services): readonly Refusal[] {
  const { failure, lag } = state();
  const stalled = `a batch of records has been under way for ${(lag / 1000).toFixed(1)} s.`;
  const [broken, ...others] = policies().problems;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const daemon = beat?.();
  return [
    ...(daemon?.state === 'silent' ? [daemon.why] : []),
    ...(failure ? [new Refusal(failure.code, failure.detail)] : []),
    ...(failure === undefined && lag > longestBatch ? [new Refusal('ledger-stalled', stalled)] : []),
    ...(broken ? [new Refusal('policies-broken', `${placeOf(broken)}: ${broken.message}${more}.`)] : []),
  ];
}

/** What Bulwark does without at present, though it decides as it should. */
export function warningsOf(services: Services): readonly Refusal[] {
  return [...warningsOfDaemon(services), ...warningsOfDisk(services), ...warningsOfShadow(services)];
}

function warningsOfShadow({ shadow }: Services): readonly Refusal[] {
  const [broken] = shadow?.().problems ?? [];
  if (broken === undefined) return [];
  const message = `of the set that is only tried: ${placeOf(broken)}: ${broken.message}.`;
  return [new Refusal('policies-broken', message)];
}

/** A look at the policy files takes milliseconds; a disk that has not answered for so many of them hangs. */
const longestLook = 15_000;

function warningsOfDisk({ policies }: Services): readonly Refusal[] {
  const { looked } = policies();
  if (looked === undefined || Date.now() - looked.getTime() < longestLook) return [];
  return [new Refusal('policies-unseen', `nobody has seen the policy files since ${looked.toISOString()}.`)];
}

function warningsOfDaemon({ beat }: Services): readonly Refusal[] {
  if (beat === undefined) return [new Refusal('facts-off', 'there is no second gate and no heartbeat.')];
  const daemon = beat();
  if (daemon.state === 'unreachable') return [daemon.why];
  return daemon.state === 'waiting' && daemon.why !== undefined ? [daemon.why] : [];
}
