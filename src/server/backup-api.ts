/** POST /api/v1/backup: a copy of the journal, written by the daemon to a place on its own disk. */
import { isAbsolute } from 'node:path';
import type { Hono } from 'hono';
import { z } from 'zod';
import type { History } from '../store/store.ts';
import { problem } from './problem.ts';
import { parseBody } from './request.ts';
import { route } from './route.ts';

export interface BackupParts {
  readonly history: Pick<History, 'backup'>;
}

const BACKUP = z.strictObject({
  file: z
    .string({ error: 'expected the path of a file that is not there yet' })
    .max(4_096)
    .refine(isAbsolute, { error: 'expected an absolute path: the daemon writes it' }),
});

export function backupApi(app: Hono, { history }: BackupParts): void {
  route(app, '/api/v1/backup', {
    async POST(c) {
      const body = await parseBody(c, BACKUP);
      if ('refused' in body) return body.refused;
      const { file } = body.value;
      const written = await history.backup(file);
      if ('refused' in written) {
        return problem({ status: 409, title: 'no backup', detail: written.refused });
      }
      return c.json({ file, ...written });
    },
  });
}
