import { setPriority } from 'node:os';

/** Lets decisions come first where processors are few. A service manager may forbid it (`@resources`), which harms nobody. */
export function beLessUrgent(): void {
  try {
    setPriority(10);
  } catch {
    // As urgent as the main process, then.
  }
}
