import type { AnyControl } from '../control.ts';
import { actions } from './actions.ts';
import { archive } from './archive.ts';
import { binds } from './binds.ts';
import { build } from './build.ts';
import { capabilities } from './capabilities.ts';
import { dockerSocket } from './dockerSocket.ts';
import { env } from './env.ts';
import { exec } from './exec.ts';
import { images } from './images.ts';
import { labels } from './labels.ts';
import { ports } from './ports.ts';
import { privileged } from './privileged.ts';
import { unknownFields } from './unknownFields.ts';
import { user } from './user.ts';
import { volumes } from './volumes.ts';

/** Every control, in the order in which a denial lists them: the most dangerous first. */
export const controls: readonly AnyControl[] = [
  privileged,
  dockerSocket,
  binds,
  volumes,
  capabilities,
  exec,
  build,
  actions,
  unknownFields,
  user,
  images,
  ports,
  archive,
  env,
  labels,
];
