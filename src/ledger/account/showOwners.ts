import type { KeptOwner, Maker, OwnerFound, OwnerPage } from './owners.ts';
import type { Reach } from './reader.ts';
import { reachJson } from './show.ts';

const iso = (time: number) => new Date(time).toISOString();

/** An owner for a program. */
export function ownerJson({ kind, id, name, subject, groups, decision, time, gone }: KeptOwner) {
  return {
    kind,
    id,
    name: name ?? null,
    subject,
    groups,
    decision,
    time: iso(time),
    gone: gone === undefined ? null : iso(gone),
  };
}
export type OwnerJson = ReturnType<typeof ownerJson>;

/** A page of owners for a program. */
export function ownersJson({ items, next }: OwnerPage, reach: Reach) {
  return { items: items.map(ownerJson), next: next ?? null, account: reachJson(reach) };
}

/** One owner, and of an image all who made it, for a program. */
export function ownerFoundJson({ owner, makers }: Extract<OwnerFound, { is: 'one' }>) {
  return {
    ...ownerJson(owner),
    ...(makers && { makers: makers.items.map(makerJson), more: makers.more }),
  };
}

function makerJson({ subject, groups, action, decision, time }: Maker) {
  return { subject, groups, action, decision, time: iso(time) };
}
