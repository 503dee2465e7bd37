/** Facts of the shop being down, for tests to vary: down since 04:12 UTC, told at 04:13. */
import type {
  BundleFacts,
  BundleLine,
  DrillFacts,
  NotificationKind,
  TroubleFacts,
} from '../../src/incident/notification.ts';
import type { Reader } from '../../src/message/view.ts';
import { DEFAULTS } from './templates.ts';

export const SINCE = Date.UTC(2026, 10, 23, 4, 12);
export const MINUTE = 60_000;

export function facts(changes: Partial<TroubleFacts> = {}): TroubleFacts {
  return {
    event: 'opened',
    code: '7K',
    name: 'Shop home page',
    says: 'the online shop',
    severity: 'critical',
    more: 0,
    reason: 'status',
    brief: 'HTTP 503',
    since: SINCE,
    at: SINCE + MINUTE,
    by: null,
    step: 1,
    text: null,
    runbook: 'https://wiki.example.com/runbooks/shop',
    tags: ['team=shop', 'region=eu'],
    ...changes,
  };
}

export function reader(changes: Partial<Reader> = {}): Reader {
  return {
    name: 'Ana Silva',
    timezone: 'Europe/Lisbon',
    canAnswer: true,
    link: null,
    templates: DEFAULTS,
    ...changes,
  };
}

export function drillFacts(changes: Partial<DrillFacts> = {}): DrillFacts {
  return {
    event: 'drill',
    code: '7K',
    escalation: 'on-call',
    by: 'Ana Silva',
    at: SINCE,
    answerBy: SINCE + 15 * MINUTE,
    asked: 3,
    answered: 0,
    lines: [],
    ...changes,
  };
}

export interface Example {
  readonly name: string;
  readonly kind: NotificationKind;
  readonly facts:
    | TroubleFacts
    | DrillFacts
    | { readonly event: 'answer' | 'notice' | 'test'; readonly text: string };
}

function line(told: Partial<BundleLine>): BundleLine {
  const down = { sort: 'down', event: 'opened', by: null, text: null } as const;
  return { ...down, code: '7K', name: 'Shop home page', brief: 'HTTP 503', ...told };
}
const SHOP = line({});
const over = (code: string, name: string) => line({ sort: 'over', event: 'resolved', code, name });
const has = (by: string, code: string, name: string) =>
  line({ sort: 'news', event: 'acknowledged', code, name, by });

/** 37 checks of 12 incidents at once. */
const STORM: BundleFacts = {
  ...{ down: 12, checks: 37, over: 0, news: 0, shared: 'team=shop' },
  lines: [SHOP, line({ code: '8M', name: 'Checkout', brief: 'timeout' })],
};

const later = { at: SINCE + 12 * MINUTE };

/** One of every message that there is. */
export const EXAMPLES: readonly Example[] = [
  { name: 'opened', kind: 'page', facts: facts({ more: 1 }) },
  { name: 'opened-post', kind: 'post', facts: facts({ more: 1 }) },
  { name: 'escalated', kind: 'page', facts: facts({ ...later, event: 'escalated', step: 2 }) },
  {
    name: 'escalated-by-hand',
    kind: 'page',
    facts: facts({ ...later, event: 'escalated', step: 2, by: 'Ana Silva' }),
  },
  {
    name: 'updated',
    kind: 'update',
    facts: facts({ event: 'updated', more: 11, text: '12 checks down, all tagged region=eu' }),
  },
  {
    name: 'note',
    kind: 'update',
    facts: facts({ event: 'updated', by: 'Ben Okoro', text: 'the database is being restored' }),
  },
  {
    name: 'acknowledged',
    kind: 'acknowledged',
    facts: facts({ event: 'acknowledged', by: 'Ana' }),
  },
  { name: 'resolved', kind: 'resolved', facts: facts({ ...later, event: 'resolved' }) },
  {
    name: 'resolved-by-hand',
    kind: 'resolved',
    facts: facts({ ...later, event: 'resolved', by: 'Ana', text: 'moved to the new host' }),
  },
  {
    name: 'resolved-removed',
    kind: 'resolved',
    facts: facts({ ...later, event: 'resolved', text: 'no longer watched' }),
  },
  { name: 'reopened', kind: 'page', facts: facts({ event: 'reopened' }) },
  { name: 'flapping', kind: 'update', facts: facts({ event: 'flapping' }) },
  {
    name: 'still-down-ack-expired',
    kind: 'page',
    facts: facts({
      event: 'still_down',
      at: SINCE + 120 * MINUTE,
      text: 'was acked by Ana',
    }),
  },
  {
    name: 'still-down-away',
    kind: 'page',
    facts: facts({ event: 'still_down', at: SINCE + 360 * MINUTE, text: 'Tocsin was away 6h' }),
  },
  { name: 'drill', kind: 'drill', facts: drillFacts() },
  {
    name: 'drill-begun',
    kind: 'drill',
    facts: drillFacts({
      ...{ event: 'drill_begun', by: null, answerBy: null },
      lines: ['Ana Silva', 'Ben Okoro', 'Cleo Maré'],
    }),
  },
  {
    name: 'drill-over',
    kind: 'drill',
    facts: drillFacts({
      ...{ event: 'drill_over', answerBy: null, answered: 2 },
      lines: [
        'No answer: Ben Okoro (sms delivered, email failed: auth)',
        'Answered: Ana Silva by sms, after 40s',
        'Answered: Cleo Maré, after 3m',
      ],
    }),
  },
  { name: 'bundle', kind: 'page', facts: facts({ code: '9F', more: 36, bundle: STORM }) },
  { name: 'bundle-post', kind: 'post', facts: facts({ code: '9F', more: 36, bundle: STORM }) },
  {
    name: 'bundle-still-down',
    kind: 'page',
    facts: facts({
      ...{ code: '9F', more: 36, event: 'still_down', ...later },
      bundle: { ...STORM, over: 3, news: 1 },
    }),
  },
  {
    name: 'bundle-of-one',
    kind: 'page',
    facts: facts({
      code: '9F',
      bundle: {
        ...STORM,
        ...{ down: 1, checks: 1, over: 2, news: 1 },
        lines: [SHOP, over('8M', 'Checkout'), over('9M', 'Search'), has('Ben Okoro', '2B', 'Mail')],
      },
    }),
  },
  {
    name: 'bundle-resolved',
    kind: 'resolved',
    facts: facts({
      ...{ code: '9F', more: 36, event: 'resolved', ...later },
      bundle: {
        ...STORM,
        down: 0,
        over: 12,
        lines: [over('7K', 'Shop home page'), over('8M', 'Checkout')],
      },
    }),
  },
  {
    name: 'bundle-acknowledged',
    kind: 'acknowledged',
    facts: facts({
      ...{ code: '9F', event: 'acknowledged', by: 'Ana', more: 36, ...later },
      bundle: { ...STORM, down: 0, news: 12, lines: [has('Ana', '7K', 'Shop home page')] },
    }),
  },
  {
    name: 'bundle-updated',
    kind: 'update',
    facts: facts({
      ...{ code: '9F', event: 'updated', more: 3, ...later },
      bundle: {
        ...{ down: 0, checks: 4, over: 0, news: 2, shared: '' },
        lines: [
          { ...SHOP, sort: 'news', event: 'updated', text: '3 checks down' },
          has('Ana', '8M', 'Checkout'),
        ],
      },
    }),
  },
  { name: 'answer', kind: 'update', facts: { event: 'answer', text: 'Which one? 7K\n9M' } },
  {
    name: 'notice',
    kind: 'update',
    facts: {
      event: 'notice',
      text: 'Silence of shop ends in 15m. Will page: Shop home page. By Ana Silva: new disks',
    },
  },
  { name: 'test', kind: 'drill', facts: { event: 'test', text: 'sent by tocsin test' } },
];

/** What somebody might call a check, or a target might say. */
export const HOSTILE_NAMES: readonly string[] = [
  '<script>alert(1)</script>',
  '<!channel> <@U123> & co',
  '@everyone',
  'two\nlines\r\nand a\u2028third',
  'right\u202Eto left\u202C \u2066isolated\u2069 \u200Fmark',
  'bell\u0007 escape\u001b[31m null\u0000',
  'x'.repeat(10_000),
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿👨‍👩‍👧‍👦 shop 🛒',
  'e' + '\u0301'.repeat(5_000),
  'Loja de coração “preço” — açaí…',
  '[{~^|\\€}]'.repeat(30),
  '\ud800 lone surrogate \udc00',
  '',
  ' ',
  '店铺首页',
];
