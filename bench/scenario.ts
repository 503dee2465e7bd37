/**
 * The storms: the same ten thousand checks, due in a wave or at one instant, and told of in one
 * incident, in a hundred, or each in its own.
 */
import type { Pace } from './pace.ts';
import type { World } from './world.ts';

export const CHECKS = 10_000;
export const ACCOUNT = `AC${'0'.repeat(32)}`;
export const SECRET = `whsec_${btoa('x'.repeat(24))}`;

export interface Scenario {
  readonly title: string;
  readonly rhythm: string;
  readonly isAtOnce: boolean;
  readonly escalations: number;
  readonly isGrouped: boolean;
  /** All hang below the first check, and wait until that has been looked at. */
  readonly isBelowOne?: boolean;
  /** Its memory is looked at once more, long after. */
  readonly cools?: boolean;
}

const WAVE = { rhythm: 'every: 10s', isAtOnce: false };
const AT_ONCE = { rhythm: 'cron: "* * * * *"', isAtOnce: true };
const ONE = { escalations: 1, isGrouped: true };
export const SCENARIOS: readonly Scenario[] = [
  { title: '10 s wave, one escalation', ...WAVE, ...ONE, cools: true },
  { title: 'at once, all below one check', ...AT_ONCE, ...ONE, isBelowOne: true },
  { title: 'at once, 100 escalations', ...AT_ONCE, ...ONE, escalations: 100 },
  { title: 'at once, ungrouped', ...AT_ONCE, ...ONE, isGrouped: false, cools: true },
];

/** `vendors`: Twilio, SendGrid and the receiver of webhooks. */
export function configuration(
  { rhythm, escalations, isGrouped, isBelowOne = false }: Scenario,
  { groupMs }: Pace,
  world: World,
  vendors: readonly { readonly url: string }[],
): string {
  const [twilio, sendgrid, sink] = vendors.map(({ url }) => url);
  const checks = Array.from({ length: CHECKS }, (_, i) => {
    const above = isBelowOne && i > 0 ? ', depends_on: [c0]' : '';
    return `  c${i}: { http: "${world.url(i)}", page: e${i % escalations}, ${rhythm}${above} }\n`;
  });
  const told = Array.from(
    { length: escalations },
    (_, i) =>
      `  e${i}: { post: [sink], steps: [{ page: [ana], by: [sms, email] }], group: ${isGrouped ? groupMs / 1000 : 0}s }\n`,
  );
  return `
defaults:
  timeout: 5s
  confirm: { fail: 1, recover: 1, recheck: 10s }
channels:
  sink: { type: webhook, url: "${sink}", secret: ${SECRET} }
  sms: { type: twilio-sms, account_sid: ${ACCOUNT}, auth_token: secret, from: "+15005550006", replies: none, base_url: "${twilio}" }
  email: { type: sendgrid, api_key: secret, from: a@example.com, base_url: "${sendgrid}" }
responders:
  ana: { name: Ana, sms: "+351912345678", email: ana@example.com }
escalations:
${told.join('')}
checks:
${checks.join('')}`;
}
