import { controlsPage } from './controls.ts';
import { errorsPage } from './errors.ts';
import { ledgerPage } from './ledger.ts';

/** The pages that are written from the code, by their path in the repository. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/controls.md', controlsPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/ledger.md', ledgerPage()],
  ]);
}
