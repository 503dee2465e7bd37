/**
 * An ext4 that turns itself read-only at an error, as it does when a disk fails: nothing short of a
 * repair and a restart brings it back. What was stored before is there then; what was told meanwhile
 * may be told again. It needs a mount namespace of its own and a loop device.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { incidentAt } from './api.ts';
import { killed } from './kills.ts';
import type { Place } from './place.ts';
import { tell, type Figures, type Outcome } from './story.ts';
import { breakAndAcknowledge } from './trial.ts';
import { isPage, troublesOf } from './troubles.ts';
import { within } from './within.ts';

const PAGE_MS = 10_000;
/** Of e2fsck: all that was wrong has been mended. */
const MENDED = 1;

export async function brokenFileSystem(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-chaos-ext4-'));
  const image = `${folder}.image`;
  execFileSync('truncate', ['-s', '32M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', image]);
  const device = execFileSync('losetup', ['-f', '--show', image]).toString().trim();
  const mount = (): unknown => execFileSync('mount', ['-o', 'errors=remount-ro', device, folder]);
  mount();
  const repair = (): void => {
    execFileSync('umount', [folder]);
    const { status } = spawnSync('e2fsck', ['-p', '-f', device]);
    if (status === null || status > MENDED) throw new Error(`e2fsck ended with ${String(status)}`);
    mount();
  };
  try {
    return await tell(
      'a file system that turns read-only, for good',
      { shops: 3, folder },
      (place) => whileReadOnly(place, `/sys/fs/ext4/${basename(device)}/trigger_fs_error`, repair),
    );
  } finally {
    execFileSync('umount', ['-l', folder]);
    execFileSync('losetup', ['-d', device]);
    rmSync(image);
    rmSync(folder, { recursive: true });
  }
}

async function whileReadOnly(place: Place, trigger: string, repair: () => void): Promise<Figures> {
  const run = await place.start();
  const [before, during] = troublesOf(place);
  if (!before || !during) throw new Error('too few shops');
  await breakAndAcknowledge(place, before, [200]);
  writeFileSync(trigger, 'chaos');
  const paged = await breakAndAcknowledge(place, during, [202]);
  await killed(run);
  repair();
  const again = await place.start();
  const kept = await incidentAt(place.operator, before.code ?? '');
  if (kept?.state !== 'acknowledged' || kept.acknowledgedBy !== before.shop) {
    throw new Error(`the acknowledgement of ${before.code ?? ''} is lost`);
  }
  const isNew = ({ to, body }: { to: string; body: string }): boolean =>
    to === during.phone && isPage(body) && !body.startsWith(`${during.code ?? ''} `);
  await within(PAGE_MS, 'a page for what could not be stored', place.twilio.waitFor(isNew));
  const code = await again.daemon.kill('SIGTERM');
  if (code !== 0) throw new Error(`a drain ended with ${String(code)}`);
  return { 'page during it, ms': paged };
}
