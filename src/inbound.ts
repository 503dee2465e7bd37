/**
 * From what the outside says to inputs: who is speaking is looked up in the configuration in force,
 * and words of strangers end here. It decides nothing.
 */
import type { Spoken } from './channels/channel.ts';
import type { Config } from './config/config.ts';
import { responderWith } from './directory.ts';
import type { Emit } from './events.ts';
import type { ReadonlyBoard } from './incident/board.ts';
import { inSlices } from './incident/hearing-of-bundles.ts';
import type { Alert, Input } from './incident/input.ts';
import { answerKey, type Outcome } from './incident/notification.ts';

export interface InboundParts {
  readonly config: () => Config;
  readonly board: Pick<ReadonlyBoard, 'bundles' | 'notifications'>;
  readonly submit: (input: Input) => Promise<Recorded>;
  readonly emit: Emit;
}

export interface Recorded {
  /** false: it took effect, and a crash now may lose it. */
  readonly recorded: boolean;
}

export interface Inbound {
  /**
   * Words by a channel, and how far it has been heard with them (null: it has no such place). Resolves
   * when they are stored, or the patience for that is over. `said`: what the last of them was answered.
   */
  heard(
    channel: string,
    spoken: readonly Spoken[],
    cursor: string | null,
  ): Promise<Recorded & { readonly said: string | null }>;
  /** Alerts of others, in their order. */
  alerts(alerts: readonly Alert[]): Promise<Recorded>;
  /** What became of a message, as its vendor calls it. One that is not known (yet) is asked after anyway. */
  fate(channel: string, reference: string, outcome: Outcome): Promise<unknown>;
}

export function createInbound({ config, board, submit, emit }: InboundParts): Inbound {
  return {
    alerts: all,
    async heard(channel, spoken, cursor) {
      const inputs = spoken.flatMap(({ from, ...words }): readonly Input[] => {
        const responder = responderWith(config(), from);
        if (responder !== null) {
          return inSlices(board, { type: 'heard', channel, responder, ...words });
        }
        emit({ type: 'stranger', channel });
        return [];
      });
      const listened = cursor === null ? [] : [{ type: 'listened', channel, cursor } as const];
      const recorded = await all([...inputs, ...listened]);
      const reference = spoken.at(-1)?.reference ?? '';
      const facts = board.notifications.get(answerKey({ channel, reference }))?.facts;
      return { ...recorded, said: facts?.event === 'answer' ? facts.text : null };
    },
    async fate(channel, reference, outcome) {
      if (outcome.outcome !== 'delivered' && outcome.outcome !== 'refused') return;
      for (const notification of board.notifications.values()) {
        if (notification.reference !== reference || notification.channel !== channel) continue;
        // Said again, or too late: it has been dealt with.
        if (notification.state !== 'accepted') return;
        emit({ type: 'followed', notification, outcome });
        const { key } = notification;
        await submit({ type: 'receipt', ...outcome, key, retryAt: null, isLate: true });
        return;
      }
    },
  };

  async function all(inputs: readonly Input[]): Promise<Recorded> {
    const submitted = await Promise.all(inputs.map(submit));
    return { recorded: submitted.every(({ recorded }) => recorded) };
  }
}
