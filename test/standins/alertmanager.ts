/**
 * A stand-in of Alertmanager's API v2 behind a login: it takes lists of alerts as its OpenAPI
 * description has them, and answers with nothing, as it does.
 */
import { isType, JSON_TYPE, startStandin, type Reply, type Standin } from './_standin.ts';

export interface AlertRecord {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

const KEYS = ['labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL'];
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function startAlertmanager(login: {
  user: string;
  password: string;
}): Promise<Standin<readonly AlertRecord[]>> {
  const wanted = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  return startStandin<readonly AlertRecord[]>(0, {
    tooMany: () => ({ status: 429, body: '' }),
    answer({ method, path, headers, body }) {
      const isStatus = path === '/api/v2/status' && method === 'GET';
      if (path !== '/api/v2/alerts' && !isStatus) return fault(404, 'path not found');
      if (method !== 'POST' && !isStatus) return fault(405, 'method not allowed');
      if (headers.authorization !== wanted) return { status: 401, body: 'Unauthorized' };
      if (isStatus) {
        const body = JSON.stringify({ uptime: '2026-01-05T09:00:00.000Z' });
        return { status: 200, body, headers: JSON_TYPE };
      }
      const alerts = isType(headers, 'application/json') ? (JSON.parse(body) as unknown) : null;
      if (!Array.isArray(alerts) || !alerts.every(isAlert))
        return fault(400, 'parsing alerts body');
      return { status: 200, body: '', taken: alerts };
    },
  });
}

function isAlert(value: unknown): value is AlertRecord {
  if (typeof value !== 'object' || value === null) return false;
  const alert = value as AlertRecord;
  const { labels, annotations, startsAt, endsAt, generatorURL } = alert;
  const isSet = (set: object) =>
    Object.entries(set).every(([name, text]) => NAME.test(name) && typeof text === 'string');
  return (
    Object.keys(alert).every((key) => KEYS.includes(key)) &&
    isSet(labels) &&
    isSet(annotations) &&
    labels['alertname'] !== undefined &&
    Date.parse(startsAt) <= Date.parse(endsAt) &&
    (generatorURL === undefined || URL.canParse(generatorURL))
  );
}

function fault(code: number, message: string): Reply<readonly AlertRecord[]> {
  return { status: code, body: JSON.stringify({ code, message }), headers: JSON_TYPE };
}
