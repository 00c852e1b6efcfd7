import { z } from 'zod';

/** How far the account goes, as `reachJson` writes it. */
export const reachSchema = z
  .strictObject({
    since: z.iso.datetime().nullable().describe('The first record that is counted; null: there is none.'),
    until: z.iso
      .datetime()
      .nullable()
      .describe('Where the account ends while it is still being made; null: it is of this moment.'),
    behind: z.int().nonnegative().describe('Records that are not counted yet.'),
  })
  .describe('How far the account goes.');

/** What keeps the account from being read. */
export const accountErrors = ['account-absent', 'ledger-unreadable', 'api-busy', 'api-slow'] as const;
