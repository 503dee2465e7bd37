/** What the loader makes of steps: what may be shown of them, and files that they name. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { StepsOptions } from '../../src/probes/_steps-options.ts';
import { configOf, FIXTURES, loadFiles, valid } from './fixture.ts';

const login = (url: string): string => `version: 1
checks:
  login:
    steps:
      - http: ${url}
        json: { password: "\${env:PASSWORD}" }
        take: { token: { json: $.token } }
      - { http: "https://shop.example.com/orders/\${take:token}?x=1" }
`;

it.each([
  ['https://shop.example.com/login?x=1', 'https://shop.example.com/login', 'POST /login'],
  ['"https://${env:HOST}/in/${env:KEY}/"', 'https://***/in/***/', 'POST /in/***/'],
])('%s is shown without what references stand for', async (url, target, label) => {
  const env = { PASSWORD: 'hush', HOST: 'h.test', KEY: 's3cret', URL: 'https://h.test/in' };
  const check = (await configOf(login(url), env)).checks.get('login');
  const { steps } = check?.options as StepsOptions;
  expect(check?.target).toBe(target);
  expect(steps.map((step) => step.label)).toEqual([label, 'GET /orders/${take:to...']);
  expect(steps[0]?.json).toEqual({ password: 'hush' });
});

it('steps that cannot be read with references hidden show nothing', async () => {
  const env = { PASSWORD: 'hush', URL: 'https://h.test/in' };
  const check = (await configOf(login('"${env:URL}"'), env)).checks.get('login');
  expect(check?.target).toBe('***');
  expect((check?.options as StepsOptions).steps.map(({ label }) => label)).toEqual(['***', '***']);
});

it('a certificate that a step names is read', async () => {
  const ca = readFileSync(`${FIXTURES}/ca.pem`, 'utf8');
  const text =
    'version: 1\nchecks:\n  a:\n    steps:\n      - { http: https://a.test/ }\n' +
    '      - { http: https://a.test/, tls: { ca: ./ca.pem } }\n';
  const config = valid(await loadFiles({ 'checks.yml': text, 'ca.pem': ca }));
  const { steps } = config.checks.get('a')?.options as StepsOptions;
  expect(steps.map(({ tls }) => tls.ca)).toEqual([undefined, ca]);
});
