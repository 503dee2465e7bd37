/**
 * Microsoft Teams by a workflow ("Post to a channel when a webhook request is received"). 202 means
 * that the flow was started: whether it has posted, nobody says, so it is no way to page. The URL
 * is the password. https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors
 */
import { z } from 'zod';
import type { Outcome } from '../incident/notification.ts';
import { chat } from '../message/chat.ts';
import { linkTitle } from '../message/drill.ts';
import { httpUrl } from '../system/values.ts';
import { outcomeOfFailure, outcomeOfStatus } from './_outcome.ts';
import { fit, postJson } from './_post.ts';
import type { Channel, Letter, Line } from './channel.ts';

const options = z.strictObject({ webhook_url: httpUrl().meta({ secret: true }) });
type Options = z.infer<typeof options>;

interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly weight?: 'Bolder';
  readonly size?: 'Medium';
}

interface Post {
  readonly type: 'message';
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive';
      readonly contentUrl: null;
      readonly content: {
        readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
        readonly type: 'AdaptiveCard';
        readonly version: '1.4';
        readonly msteams: { readonly width: 'Full' };
        readonly body: readonly TextBlock[];
        readonly actions: readonly {
          readonly type: 'Action.OpenUrl';
          readonly title: string;
          readonly url: string;
        }[];
      };
    },
  ];
}

/** Of 28 KB for all of it, at three bytes for a letter. */
const BODY_MAX = 7_000;

export const teams: Channel<Options, Post> = {
  type: 'teams',
  options,
  address: null,
  reaches: ({ webhook_url }) => [webhook_url, 'https://teams.microsoft.com'],
  render({ notification, reader }: Letter): Post {
    const { title, lines } = chat(notification.facts, notification.kind, reader);
    const shown = fit(lines, BODY_MAX, escape).split('\n');
    const body = shown.filter((line) => line !== '').map((line) => block(line));
    const { link } = reader;
    const open = {
      type: 'Action.OpenUrl',
      title: linkTitle(notification.facts),
      url: link ?? '',
    } as const;
    return {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            msteams: { width: 'Full' },
            body: [{ ...block(escape(title)), weight: 'Bolder', size: 'Medium' }, ...body],
            actions: link === null ? [] : [open],
          },
        },
      ],
    };
  },
  async send(post, { webhook_url }, line: Line): Promise<Outcome> {
    const answer = await postJson(webhook_url, post, line);
    if ('failure' in answer) return outcomeOfFailure(answer);
    if (answer.status === 202) return { outcome: 'accepted', reference: null };
    return outcomeOfStatus(answer, line.clock.now());
  },
};

function block(text: string): TextBlock {
  return { type: 'TextBlock', text, wrap: true };
}

/** Cards know a little Markdown: https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features */
function escape(text: string): string {
  return text.replace(/[\\`*_~[\]()]/g, '\\$&');
}
