import { adminSecretKey } from '../../admin/keys.ts';
import { exits } from '../exits.ts';
import { printJson } from './keyFolder.ts';

/** Makes a token that opens the admin API for `life` milliseconds, and prints it. */
export async function issueForAdmin(folder: string, life: number, output: string): Promise<number> {
  const { issueAdminToken } = await import('../../admin/token.ts');
  const { token, id, expires } = issueAdminToken(adminSecretKey(folder), life);
  if (output === 'json') {
    printJson({ token, id, expires: expires.toISOString() });
  } else {
    process.stdout.write(`${token}\n`);
    process.stderr.write(`It holds until ${expires.toISOString()}. Whoever has it reads every decision.\n`);
  }
  return exits.yes;
}
