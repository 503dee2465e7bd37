/** Turns of a rotation that somebody has taken over. */
export const sql = `
  CREATE TABLE override (id TEXT PRIMARY KEY, ended_at REAL, body TEXT NOT NULL) STRICT;
  CREATE INDEX override_in_force ON override (id) WHERE ended_at IS NULL;
`;
