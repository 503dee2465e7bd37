/**
 * Silences of more than one check, with a beginning and an end: the column that named the one check
 * goes. What was silenced until it recovers stays so. Rows written before get the keys that rows
 * have now, so that nobody who reads one has to know how old it is.
 */
export const sql = `
  CREATE TABLE silence_2 (id TEXT PRIMARY KEY, ended_at REAL, body TEXT NOT NULL) STRICT;
  INSERT INTO silence_2 SELECT id, ended_at, json_set(json_remove(body, '$.check', '$.until'),
    '$.covers', json_array(check_id), '$.below', json('false'),
    '$.startsAt', json_extract(body, '$.at'), '$.begunAt', json_extract(body, '$.at'),
    '$.endsAt', NULL, '$.tellAt', json_extract(body, '$.at') + 86400000, '$.window', NULL) FROM silence;
  DROP TABLE silence;
  ALTER TABLE silence_2 RENAME TO silence;
  CREATE INDEX silence_in_force ON silence (id) WHERE ended_at IS NULL;

  UPDATE incident SET body = json_insert(body,
    '$.openedBy', NULL, '$.silencedAt', NULL, '$.orphansDueAt', NULL);
  UPDATE member SET body = json_insert(body, '$.below', NULL);
`;
