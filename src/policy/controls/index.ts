import type { AnyControl } from '../control.ts';
import { capabilities } from './capabilities.ts';
import { privileged } from './privileged.ts';

/** Every control, in the order in which a denial lists them. */
export const controls: readonly AnyControl[] = [privileged, capabilities];
