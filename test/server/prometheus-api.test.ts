import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOf, configOf, House } from './house.ts';

const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

let house: House;
let operator: Awaited<ReturnType<House['open']>>;
beforeEach(async () => {
  house = new House();
  house.config = configOf([
    checkOf('shop', { target: 'http://shop.example/', tags: { team: 'web', 'cost-centre': '7' } }),
    checkOf('edge', { type: 'tcp', target: 'gw.example:443', escalation: null }),
    checkOf('gw', { type: 'tls', target: 'gw.example:443' }),
  ]);
  operator = await house.open();
});
afterEach(() => operator.stop());

describe('the format', () => {
  it.each([
    [PROMETHEUS, 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
    ['application/openmetrics-text', 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
    ['text/plain, application/openmetrics-text;q=0.5', 'text/plain; version=0.0.4; charset=utf-8'],
    ['text/html,*/*;q=0.8', 'text/plain; version=0.0.4; charset=utf-8'],
    [undefined, 'text/plain; version=0.0.4; charset=utf-8'],
  ])('for who accepts %s is %s', async (accept, type) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    for (const path of ['/metrics', '/probe?target=shop']) {
      const reply = await house.get(path, headers);
      expect(reply.headers['content-type']).toBe(type);
      expect(reply.headers.vary).toBe('accept');
    }
  });
});

describe('/probe', () => {
  it.each([
    ['shop', 'shop'],
    ['http://shop.example/', 'shop'],
    ['http://shop.example', 'shop'],
    ['shop.example', 'shop'],
    ['gw.example:443', 'edge'],
    ['gw.example:443&module=tls', 'gw'],
    ['gw.example:443&module=tls_connect', 'gw'],
    ['gw.example:443&module=anything', 'edge'],
  ])('target=%s is %s', async (query, id) => {
    const reply = await house.get(`/probe?target=${query}`);
    expect(reply.status).toBe(200);
    expect(reply.text).toBe(`# ${id} as text\n`);
  });

  it('without a target, or of one that nobody checks, is refused as by blackbox_exporter', async () => {
    expect((await house.get('/probe')).status).toBe(400);
    expect((await house.get('/probe')).text).toContain('Target parameter is missing');
    expect((await house.get('/probe?target=nowhere.example')).status).toBe(404);
    expect((await house.get('/probe?target=__proto__')).status).toBe(404);
  });
});

describe('discovery', () => {
  it('lists every check by its id, with labels to relabel by', async () => {
    const reply = await house.get('/api/v1/http_sd');
    expect(reply.headers['content-type']).toContain('application/json');
    expect(reply.json).toEqual([
      {
        targets: ['shop'],
        labels: {
          __meta_tocsin_check: 'shop',
          __meta_tocsin_name: 'The shop',
          __meta_tocsin_type: 'http',
          __meta_tocsin_target: 'http://shop.example/',
          __meta_tocsin_severity: 'major',
          __meta_tocsin_escalation: 'on-call',
          __meta_tocsin_tag_team: 'web',
          __meta_tocsin_tag_cost_centre: '7',
        },
      },
      expect.objectContaining({ targets: ['edge'] }),
      expect.objectContaining({ targets: ['gw'] }),
    ]);
  });

  it('of nothing is an empty list', async () => {
    house.config = configOf([]);
    expect((await house.get('/api/v1/http_sd')).json).toEqual([]);
  });
});

describe('the story of a probe', () => {
  it('is told by the id of its check, and a slip is met with a hint', async () => {
    expect((await house.get('/-/debug/probe/shop')).text).toBe('The story of shop\n');
    const reply = await house.get('/-/debug/probe/shap');
    expect(reply.status).toBe(404);
    expect(reply.json.detail).toBe('did you mean "shop"?');
  });
});
