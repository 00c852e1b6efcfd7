import { describeApi } from '../../src/admin/openapi.ts';
import { routes } from '../../src/admin/routes/index.ts';
import { version } from '../../src/config/version.ts';
import { attacksPage } from './attacks.ts';
import { configPage } from './config.ts';
import { controlsPage } from './controls.ts';
import { cookbookPage } from './cookbook.ts';
import { doctorPage } from './doctor.ts';
import { errorsPage } from './errors.ts';
import { ledgerPage } from './ledger.ts';
import { profilesPage } from './profiles.ts';
import { policySchemaFile } from './schema.ts';

/** The pages that are written from the code, by their path in the repository. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/attacks.md', attacksPage()],
    ['docs/config.md', configPage()],
    ['docs/controls.md', controlsPage()],
    ['docs/cookbook.md', cookbookPage()],
    ['docs/doctor.md', doctorPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/ledger.md', ledgerPage()],
    ['docs/profiles.md', profilesPage()],
    ['schema/v1.json', policySchemaFile()],
    ['docs/openapi.json', `${JSON.stringify(describeApi(routes, version()), null, 2)}\n`],
  ]);
}
