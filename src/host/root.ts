import { Refusal } from '../model/error.ts';

/**
 * For a command that changes the host.
 *
 * @throws Refusal `not-root`
 */
export function mustBeRoot(command: string): void {
  if (process.getuid?.() !== 0) throw new Refusal('not-root', `\`bulwark ${command}\` changes the host.`);
}
