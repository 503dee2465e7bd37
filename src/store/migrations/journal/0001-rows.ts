/**
 * The journal's first tables: rows as JSON bodies, beside them only the columns that a query needs.
 * There are no foreign keys on purpose: after a failed write a later one may come without its
 * parent, and to refuse an acknowledgement for that would be the worse error.
 */
export const sql = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    saved_at REAL
  ) STRICT;
  INSERT INTO meta VALUES (1, 0, 0, NULL);

  CREATE TABLE check_state (check_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE incident (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at REAL NOT NULL,
    resolved_at REAL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX incident_by_opening ON incident (opened_at, id);
  CREATE INDEX incident_by_state ON incident (state, opened_at, id);
  CREATE INDEX incident_by_code ON incident (code, opened_at);
  CREATE INDEX incident_by_resolution ON incident (resolved_at);

  CREATE TABLE member (
    n INTEGER PRIMARY KEY,
    incident TEXT NOT NULL,
    check_id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (incident, check_id)
  ) STRICT;

  CREATE TABLE timeline (
    incident TEXT NOT NULL,
    n INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (incident, n)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE notification (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    at REAL NOT NULL,
    due_at REAL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX notification_by_time ON notification (at, key);
  CREATE INDEX notification_unsettled ON notification (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE notification_about (
    incident TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (incident, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX notification_about_by_key ON notification_about (key);

  CREATE TABLE silence (
    id TEXT PRIMARY KEY,
    check_id TEXT NOT NULL,
    ended_at REAL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX silence_in_force ON silence (check_id) WHERE ended_at IS NULL;

  CREATE TABLE cursor (channel TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;
