/** Drills, and when each responder was last reached by each channel. */
export const sql = `
  CREATE TABLE drill (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    starts_at REAL NOT NULL,
    ended_at REAL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX drill_by_end ON drill (ended_at);

  CREATE TABLE reach (
    responder TEXT NOT NULL,
    channel TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (responder, channel)
  ) STRICT, WITHOUT ROWID;
`;
