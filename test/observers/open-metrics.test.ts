import { describe, expect, it } from 'vitest';
import { checkOf, incidentOf, MORNING } from '../server/house.ts';
import { Watched } from './watched.ts';

async function openMetrics(watched: Watched): Promise<string> {
  return watched.text('openmetrics');
}
const samplesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '' && !/^#|^(nodejs|process)_/.test(line))
    .map((line) => line.replace(/ # .*$/, ''));

describe('OpenMetrics', () => {
  it('ends, has no empty line, and names a counter without its _total above it', async () => {
    const text = await openMetrics(new Watched());
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text.match(/# EOF/g)).toHaveLength(1);
    expect(text).not.toContain('\n\n');
    expect(text).toContain('# TYPE tocsin_probe_results counter\n');
    // There is a gauge called tocsin_incidents.
    expect(text).toContain('# TYPE tocsin_incidents_total unknown\n');
    expect(text).toContain('\ntocsin_incidents_total{severity="major"} 0\n');
    expect(text).not.toMatch(/^# TYPE \S+_total counter/m);
    expect(text).toContain(
      '# TYPE tocsin_scheduler_lag_seconds histogram\n# UNIT tocsin_scheduler_lag_seconds seconds\n',
    );
  });

  it('has the samples of the text format, which stays as it is before and after', async () => {
    const watched = new Watched([checkOf('shop')], { location: 'lisbon' });
    watched.look('shop', 'up', { code: 200, phases: { connect: 0.01 } });
    const before = await watched.text();
    const open = await openMetrics(watched);
    expect(samplesOf(open)).toEqual(samplesOf(before));
    expect(samplesOf(await watched.text())).toEqual(samplesOf(before));
    expect(before).toContain('# TYPE tocsin_incidents_total counter\n');
  });

  it('no family is there twice', async () => {
    const names = (await openMetrics(new Watched())).matchAll(/^# TYPE (\S+)/gm);
    const all = [...names].map((match) => match[1]);
    expect(all.filter((name, n) => all.indexOf(name) !== n)).toEqual([]);
  });

  it('shows the incident that was counted last in a bucket, by its code', async () => {
    const watched = new Watched([checkOf('shop')], { location: 'lisbon' });
    const at = MORNING + 120_000;
    const incidents = [incidentOf('7K')];
    watched.change({ at, incidents, reasons: [{ outcome: 'resolved', incident: 'incident-7K' }] });
    const name = 'tocsin_incident_time_to_resolve_seconds_bucket';
    const lines = (await openMetrics(watched)).split('\n').filter((line) => line.includes(' # {'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      new RegExp(`^${name}\\{.*le="300".*\\} 1 # \\{incident="7K"\\} 120 ${at / 1000}$`),
    );
    expect(await watched.text()).not.toContain(' # {');
  });
});
