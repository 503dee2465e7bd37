/**
 * What each database is and how it came to be. Migrations only go forward; one that has been
 * released is never edited: the place in the list is the schema's number (`PRAGMA user_version`).
 */
import { sql as journal0001 } from './journal/0001-rows.ts';
import { sql as journal0002 } from './journal/0002-proof.ts';
import { sql as journal0003 } from './journal/0003-silences.ts';
import { sql as journal0004 } from './journal/0004-overrides.ts';
import { sql as journal0005 } from './journal/0005-secret.ts';
import { sql as journal0006 } from './journal/0006-drills.ts';
import { sql as history0001 } from './history/0001-looks.ts';

export interface Schema {
  /** `PRAGMA application_id`: tells our file from anybody else's. */
  readonly applicationId: number;
  readonly migrations: readonly string[];
}

/** ASCII "TocJ" and "TocH". */
export const JOURNAL: Schema = {
  applicationId: 0x546f634a,
  migrations: [journal0001, journal0002, journal0003, journal0004, journal0005, journal0006],
};
export const HISTORY: Schema = { applicationId: 0x546f6348, migrations: [history0001] };
