/**
 * Those who are paged, and those who run it. They answer late, twice, from phones that nobody knows,
 * with other words than were asked for; and they change the configuration under way.
 */
import type { Core } from '../../src/core.ts';
import type { Message } from './vendors.ts';
import type { World } from './world.ts';
import { redrawn } from './rules.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const STRANGER = '+15005550009';

export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    const { faults, dice } = world;
    if (faults.has('api')) world.keep(dice.people, 15 * MINUTE, () => this.#useApi());
    if (faults.has('drills')) world.keep(dice.drills, 20 * MINUTE, () => this.#drill());
    if (faults.has('hand-overs')) world.keep(dice.turns, 30 * MINUTE, () => this.#takeOver());
    if (faults.has('reloads')) world.keep(dice.people, 40 * MINUTE, () => this.#reload());
    if (faults.has('bad reloads')) world.keep(dice.people, 60 * MINUTE, () => this.#spoil());
  }

  /** A message has arrived at a phone. */
  read(message: Message): void {
    const { faults, dice, isQuiet, loop } = this.#world;
    if (isQuiet || message.channel !== 'sms' || message.code === null) return;
    if (message.kind !== 'page' && message.kind !== 'drill') return;
    const { code, to } = message;
    const die = message.kind === 'drill' ? dice.drills : dice.people;
    const answer = (inMs: number, text: string, from = to, times = 1): void => {
      loop.after(inMs, () => this.#world.vendors.say(from, text, times));
    };
    if (faults.has('acks') && die.chance(0.4)) {
      answer(die.wait(2 * MINUTE), die.pick([code, `ack ${code}`, `Ack ${code}!`, 'ok']));
    }
    if (faults.has('double acks') && die.chance(0.3)) {
      answer(die.wait(MINUTE), code, to, 2);
      answer(die.wait(MINUTE), `ACK ${code}`);
    }
    if (faults.has('late acks') && die.chance(0.2)) answer(die.wait(60 * MINUTE), code);
    if (faults.has('strangers') && die.chance(0.3)) answer(die.wait(MINUTE), code, STRANGER);
    if (faults.has('other words') && die.chance(0.3)) {
      const words = ['WHY #', 'ESC #', 'RES #', 'ben #', 'RES#', 'STOP', 'what?', 'ACK 9Z9', ''];
      answer(die.wait(2 * MINUTE), die.pick(words).replace('#', code));
    }
  }

  #useApi(): void {
    const world = this.#world;
    const core = world.process?.core;
    if (!core) return;
    const die = world.dice.people;
    const alive = [...core.board.incidents.values()].filter(({ state }) => state !== 'resolved');
    const by = die.pick(['ana', 'ben', 'Zoe']);
    if (alive.length === 0 || die.chance(0.3)) {
      this.#silence(core, by);
      return;
    }
    const { id: incident, code } = die.pick(alive);
    switch (die.between(0, 4)) {
      case 0:
      case 1:
        void core.pipeline.submit({ type: 'acknowledge', incident: code, by });
        break;
      case 2:
        void core.pipeline.submit({ type: 'resolve', incident, by, force: null });
        break;
      case 3:
        void core.pipeline.submit({ type: 'resolve', incident, by, force: 'known' });
        break;
      default:
        void core.pipeline.submit({ type: 'note', incident, by, text: 'looking at it' });
    }
    world.note(() => `somebody uses the API on ${code}`);
  }

  /** Or lets one end that is there. */
  #silence({ board, config, pipeline }: Core, by: string): void {
    const die = this.#world.dice.people;
    const known = [...board.silences.values()];
    if (known.length > 0 && die.chance(0.5)) {
      void pipeline.submit({ type: 'unsilence', silence: die.pick(known).id, by });
      this.#world.note(() => 'somebody ends a silence');
      return;
    }
    const check = die.pick([...config().checks.keys()]);
    const forMs = die.pick([null, die.wait(10 * MINUTE)]);
    const what = { covers: [check], below: die.chance(0.3), forMs, by, why: 'new disks' };
    void pipeline.submit({ type: 'silence', ...what });
    this.#world.note(() => `somebody silences ${check}`);
  }

  #drill(): void {
    const { process, dice, config } = this.#world;
    const die = dice.drills;
    const escalation = die.pick([...config.escalations.keys()]);
    const wish = { escalation, by: 'ana', withinMs: die.between(1, 10) * MINUTE };
    void process?.core?.pipeline.submit({ type: 'drill', ...wish });
  }

  /** Somebody has the next turn, or the rest of this one. */
  #takeOver(): void {
    const { process, dice } = this.#world;
    const core = process?.core;
    if (!core) return;
    const die = dice.turns;
    const from = process.clock.now() + die.between(0, 5) * MINUTE;
    const responder = die.pick([...core.config().responders.keys()]);
    const spell = { from, until: from + die.wait(20 * MINUTE), responder };
    const by = { by: responder, why: 'swapped' };
    void core.pipeline.submit({ type: 'override', rotation: 'primary', ...spell, ...by });
  }

  #reload(): void {
    const world = this.#world;
    world.file = { config: redrawn(world.config, world.dice.people), original: '' };
    world.reload();
  }

  /** Saves a file that is no configuration; a moment later it is the old one again. */
  #spoil(): void {
    const world = this.#world;
    const problem = { file: 'checks.yml', line: 1, column: 1, text: 'expected a mapping' };
    world.file = { problems: [problem] };
    world.reload();
    world.loop.after(MINUTE, () => (world.file = { config: world.config, original: '' }));
  }
}
