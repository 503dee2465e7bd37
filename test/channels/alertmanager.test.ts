import { describe, expect, it } from 'vitest';
import { alertmanager } from '../../src/channels/alertmanager.ts';
import { EXAMPLES, facts, SINCE } from '../message/facts.ts';
import { letter } from './letters.ts';

const HOUR = 3_600_000;
const options = alertmanager.options.parse({
  url: 'http://alerts.example.com',
  labels: { team: 'shop' },
}) as Parameters<typeof alertmanager.send>[1];
const render = (example?: Parameters<typeof letter>[0]) =>
  alertmanager.render(letter(example), options);
const named = (name: string) => EXAMPLES.find((example) => example.name === name);
const firing = (example: Parameters<typeof letter>[0], at: number) =>
  render(example).flatMap(({ labels, endsAt }) =>
    Date.parse(endsAt) > at ? [labels['severity']] : [],
  );

describe('an incident as alerts', () => {
  it.each([
    ['critical', 'critical'],
    ['major', 'warning'],
    ['minor', 'info'],
  ] as const)('of severity %s fires as %s, and ends the others', (severity, label) => {
    const page = { name: 'x', kind: 'post', facts: facts({ severity }) } as const;
    expect(render(page)).toHaveLength(3);
    expect(firing(page, SINCE + HOUR)).toEqual([label]);
  });

  it('that is resolved ends in every severity', () => {
    expect(firing(named('resolved'), SINCE + HOUR)).toEqual([]);
  });

  it('has the same labels from its beginning to its end', () => {
    const labels = (name: string) => render(named(name)).map((alert) => alert.labels);
    expect(labels('resolved')).toEqual(labels('opened'));
    expect(labels('opened')[0]).toEqual({
      alertname: 'TocsinIncident',
      code: '7K',
      incident: '01HINCIDENT',
      severity: 'critical',
      team: 'shop',
    });
  });
});
