/**
 * What the tokens of acknowledgement links are made with: 256 random bits, drawn once for this data.
 * SQLite's own generator is seeded by the system's.
 */
export const sql = `
  ALTER TABLE meta ADD COLUMN secret TEXT NOT NULL DEFAULT '';
  UPDATE meta SET secret = lower(hex(randomblob(32)));
`;
