/** What the reference tool says about our metrics: it needs promtool on the PATH. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { checkOf } from '../server/house.ts';
import { Watched } from '../observers/watched.ts';

it.each([null, 'lisbon'])('promtool has nothing to say (location: %s)', async (location) => {
  const odd = { tags: { team: 'a "b" \\ c\nd' }, name: 'Schöner Laden 🛒' };
  const checks = [checkOf('shop', odd), checkOf('edge', { type: 'tcp' }), checkOf('new')];
  const watched = new Watched(checks, { location });
  watched.look('shop', 'up', { code: 200, phases: { connect: 0.01, tls: 0.02 } });
  watched.look('edge', 'down', {});
  watched.metrics.blocked(7);
  const body = await watched.text();
  const said = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  expect(said.error).toBeUndefined();
  expect(`${said.stdout}${said.stderr}`).toBe('');
  expect(said.status).toBe(0);
});
