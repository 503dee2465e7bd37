/** What looks need that no check says: witnesses that answer, and the system's ping. */
import type { Check, Config } from '../config/config.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { RunProgram } from '../system/program.ts';
import type { Examined, Finding } from './finding.ts';

const PATIENCE_MS = 5_000;
const VERSION_MAX_BYTES = 4_096;

export async function examineWitnesses(
  { self }: Config,
  look: (check: Check) => Promise<Verdict>,
): Promise<Examined> {
  const at = ['self', 'witnesses'];
  const witnesses = [...self.witnesses.values()];
  const level = 'risk';
  const topic = 'witnesses';
  if (witnesses.length === 0) {
    const what = 'there are no witnesses';
    const why = 'a network of our own that fails reads as everything being down';
    const remedy = 'name two that are up unless we are cut off, such as { tcp: 1.1.1.1:443 }';
    return { seen: [], findings: [{ level, topic, what, at, why, remedy }] };
  }
  const looked = await Promise.all(
    witnesses.map(async (witness) => ({ witness, verdict: await look(witness) })),
  );
  const silent = looked.filter(({ verdict }) => verdict.status === 'down');
  return {
    seen: looked
      .filter((each) => !silent.includes(each))
      .map(({ witness }) => `${witness.name} answers`),
    findings: silent.map(({ witness: { name }, verdict }): Finding => {
      const why = verdict.findings.find(({ met }) => !met)?.brief ?? 'no answer';
      return {
        level,
        topic,
        what: `the witness ${name} does not answer (${why})`,
        at,
        why: 'one that is always down bears witness to nothing: the rest decide alone',
        remedy: 'name another, or let this machine reach it',
      };
    }),
  };
}

/** Checks of type icmp send by the system's ping. */
export async function examinePing(config: Config, run: RunProgram): Promise<Examined> {
  const all = [...config.checks.values(), ...config.self.witnesses.values()];
  const asking = all.filter(({ type }) => type === 'icmp');
  const [first] = asking;
  if (!first) return { seen: [], findings: [] };
  const ran = await run({
    argv: ['ping', '-V'],
    env: {},
    maxBytes: VERSION_MAX_BYTES,
    timeoutMs: PATIENCE_MS,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!('failure' in ran)) {
    const [version = ''] = ran.output.split('\n');
    return { seen: [version], findings: [] };
  }
  const finding: Finding = {
    level: 'fault',
    topic: 'programs',
    what: `there is no ping to send with: ${ran.detail}`,
    at: config.checks.has(first.id) ? ['checks', first.id] : ['self', 'witnesses'],
    why: 'every check of type icmp is unknown, and pages nobody',
    remedy: 'install it (iputils-ping)',
  };
  return { seen: [], findings: [finding] };
}
