/**
 * The history's first tables: the raw window of looks, and for each check and day of UTC how many
 * looks came out how, which stays when the raw window has gone.
 */
export const sql = `
  CREATE TABLE look (
    id INTEGER PRIMARY KEY,
    check_id TEXT NOT NULL,
    source TEXT NOT NULL,
    at REAL NOT NULL,
    took_ms REAL NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    brief TEXT NOT NULL
  ) STRICT;
  CREATE INDEX look_by_check ON look (check_id, at);
  CREATE INDEX look_by_time ON look (at);

  CREATE TABLE day (
    check_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    up INTEGER NOT NULL,
    degraded INTEGER NOT NULL,
    down INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    PRIMARY KEY (check_id, day)
  ) STRICT, WITHOUT ROWID;
`;
