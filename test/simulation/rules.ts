/**
 * The configuration of a simulated daemon, drawn by lot, and what a reload makes of it. Built as the
 * loader would build it, without a file: reading YAML is tested elsewhere and would take most of the
 * time here.
 */
import {
  BLIND,
  MEMORY,
  STALE,
  type Check,
  type Config,
  type Escalation,
  type Severity,
} from '../../src/config/config.ts';
import type { Rotation } from '../../src/calendar/rotation.ts';
import type { Dice } from './dice.ts';
import { aChannel, aCheck, aConfig, aResponder, byId } from '../builders.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const ESCALATION = 'on-call';
const SEVERITIES: readonly Severity[] = ['minor', 'major', 'critical'];
const WITNESSES = ['witness:tcp:192.0.2.1:443', 'witness:dns:example.com'];

export function drawRules(dice: Dice): Config {
  const names = ['edge', 'shop', 'cart', 'search', 'mail', 'redis'].slice(0, dice.between(2, 6));
  const checks = names.map((id, index) => drawCheck(dice, id, index === 0 ? null : names[0]!));
  if (dice.chance(0.3)) checks.push(drawJob(dice));
  const witnesses = WITNESSES.slice(0, dice.between(0, 2)).map((id) => witness(id));
  const others = [BLIND, MEMORY, STALE].map((id) => ({ ...witness(id), type: 'self' }));
  return aConfig({
    checks: byId(checks),
    channels: byId(CHANNELS),
    responders: byId(PEOPLE),
    escalations: byId([drawEscalation(dice, ESCALATION), drawEscalation(dice, 'backstage')]),
    self: {
      witnesses: byId(witnesses),
      checks: byId(others.map((check) => ({ ...check, escalation: ESCALATION }))),
      rdap: null,
    },
  });
}

/** Whoever has the turn is paged where it was Ana. */
export function withHandOvers(config: Config): Config {
  const escalations = [...config.escalations].map(([id, escalation]): [string, Escalation] => [
    id,
    byTurns(escalation),
  ]);
  return {
    ...config,
    rotations: new Map([[PRIMARY.id, PRIMARY]]),
    escalations: new Map(escalations),
  };
}

function byTurns({ steps, ...escalation }: Escalation): Escalation {
  const turns = steps.map(({ page, ...step }) => ({
    ...step,
    page: page.map((name) => (name === 'ana' ? PRIMARY.id : name)),
  }));
  return { ...escalation, steps: turns };
}

/** An SMS counts once its receipt is here. */
export function withProof(config: Config): Config {
  const sms = aChannel('sms', 'sms', { proof: 'receipt' });
  return { ...config, channels: new Map(config.channels).set('sms', sms) };
}

export function drawCheck(dice: Dice, id: string, parent: string | null): Check {
  const everyMs = dice.pick([10, 15, 30, 60]) * SECOND;
  const fail = dice.between(1, 3);
  return aCheck(id, {
    type: 'simulated',
    target: `${dice.chance(0.3) ? '198.51.100.7' : `${id}.example`}:443`,
    options: { id },
    generation: `g${dice.between(0, 999_999)}`,
    rhythm: { everyMs },
    timeoutMs: Math.min(everyMs, dice.pick([1, 3, 5]) * SECOND),
    confirm: {
      fail,
      of: fail + dice.pick([0, 0, 1, 2]),
      recheckMs: Math.min(everyMs, dice.pick([2, 5, 10]) * SECOND),
      recover: dice.between(1, 2),
    },
    severity: dice.pick(SEVERITIES),
    escalation: dice.pick([ESCALATION, ESCALATION, ESCALATION, 'backstage', null]),
    dependsOn: parent !== null && dice.chance(0.3) ? [parent] : [],
    tags: { team: dice.pick(['shop', 'edge']) },
  });
}

function drawJob(dice: Dice): Check {
  return {
    ...drawCheck(dice, 'backup', null),
    rhythm: { everyMs: dice.between(2, 10) * MINUTE },
    timeoutMs: 0,
    heartbeat: { token: 'f00d', graceMs: dice.between(1, 3) * MINUTE },
  };
}

function witness(id: string): Check {
  const [, type = '', ...target] = id.split(':');
  return aCheck(id, {
    name: id,
    type: type === 'dns' ? 'dns' : 'simulated',
    target: target.join(':'),
    options: { id },
    generation: 'self',
    confirm: { fail: 1, of: 1, recheckMs: 10 * SECOND, recover: 1 },
    severity: 'critical',
    escalation: null,
  });
}

function drawEscalation(dice: Dice, id: string): Escalation {
  const steps = [
    { afterMs: dice.pick([0, 0, MINUTE]), page: ['ana'], by: dice.pick([['sms'], ['email']]) },
    { afterMs: dice.between(1, 5) * MINUTE, page: ['ana', 'ben'], by: ['sms', 'email'] },
    { afterMs: dice.between(1, 5) * MINUTE, page: ['cleo'], by: ['email'] },
  ];
  return {
    id,
    post: dice.pick([['lifeline'], []]),
    steps: steps.slice(0, dice.between(1, 3)),
    repeat: { everyMs: dice.between(5, 15) * MINUTE, times: dice.pick([null, null, 1, 2]) },
    failoverMs: MINUTE,
    ackExpiresMs: dice.pick([5 * MINUTE, 20 * MINUTE, 120 * MINUTE, null]),
    groupMs: dice.pick([0, 30 * SECOND, 60 * SECOND]),
    reopenMs: dice.pick([0, 2 * MINUTE, 10 * MINUTE]),
    hours: null,
    waits: [],
  };
}

/** What somebody changes in a file that is in use. */
export function redrawn(config: Config, dice: Dice): Config {
  const checks = new Map(config.checks);
  const [first, ...others] = [...checks.values()].filter(({ heartbeat }) => heartbeat === null);
  const one = dice.pick(others.length === 0 ? [first!] : others);
  switch (dice.between(0, 7)) {
    case 0:
      if (others.length > 1) checks.delete(one.id);
      return { ...config, checks };
    case 1: {
      const id = dice.pick(['shop', 'cart', 'search', 'mail', 'redis']);
      checks.set(id, drawCheck(dice, id, first!.id));
      return { ...config, checks };
    }
    case 2:
      checks.set(one.id, { ...one, escalation: dice.pick([ESCALATION, 'backstage', null]) });
      return { ...config, checks };
    case 3:
      checks.set(one.id, { ...one, name: `The new ${one.id}`, severity: dice.pick(SEVERITIES) });
      return { ...config, checks };
    case 4:
    case 5: {
      const escalations = new Map(config.escalations);
      const id = dice.pick([ESCALATION, 'backstage']);
      const drawn = drawEscalation(dice, id);
      escalations.set(id, config.rotations.size > 0 ? byTurns(drawn) : drawn);
      return { ...config, escalations };
    }
    case 6: {
      const responders = new Map(config.responders);
      responders.set('ben', dice.chance(0.5) ? BEN : { ...BEN, addresses: new Map() });
      return { ...config, responders };
    }
    default: {
      const channels = new Map(config.channels);
      if (!channels.delete('email')) channels.set('email', aChannel('email', 'email'));
      return { ...config, channels };
    }
  }
}

/** Everybody can be reached by everything again: what a quiet time begins with. */
export function mended(config: Config): Config {
  const channels = CHANNELS.map((one) => config.channels.get(one.id) ?? one);
  return { ...config, channels: byId(channels), responders: byId(PEOPLE) };
}

const PRIMARY: Rotation = {
  id: 'primary',
  layers: [
    {
      members: ['ana', 'ben', 'cleo'],
      startsAt: Date.UTC(2026, 2, 2),
      handoff: '*/20 * * * *',
      timezone: 'UTC',
      hours: null,
    },
  ],
};
const CHANNELS = [aChannel('sms', 'sms'), aChannel('email', 'email'), aChannel('lifeline')];
const ANA = aResponder('ana', 'Ana Silva', { sms: '+351912345678', email: 'ana@example.com' });
const BEN = aResponder('ben', 'Ben Okoro', { sms: '+447700900123' });
const CLEO = aResponder('cleo', 'Cleo Ito', { email: 'cleo@example.com', sms: '+81312345678' });
const PEOPLE = [ANA, BEN, CLEO];
