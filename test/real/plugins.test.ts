/** Debian's own plugins and its ping, as they are: monitoring-plugins-basic, iputils-ping. */
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { exec } from '../../src/probes/exec.ts';
import { icmp } from '../../src/probes/icmp.ts';
import { closedPort, serve } from '../loopback.ts';
import { look } from '../probes/looking.ts';

const plugin = (name: string, ...args: string[]) => ({
  exec: [`/usr/lib/nagios/plugins/${name}`, ...args],
});

describe('monitoring-plugins', () => {
  it.each([
    ['0', 'OK: hello', []],
    ['1', 'WARNING: hello', [{ level: 'warn', reason: 'exit_code', brief: 'WARNING: hello' }]],
    ['2', 'CRITICAL: hello', [{ level: 'expect', reason: 'exit_code' }]],
    ['3', 'UNKNOWN: hello', [{ level: 'expect', reason: 'exit_code' }]],
  ])('check_dummy %s', async (code, text, expected) => {
    const { unmet, facts } = await look(exec, plugin('check_dummy', code, 'hello'));
    expect(facts).toMatchObject({ exitCode: Number(code), text });
    expect(unmet).toMatchObject(expected);
  });

  it('check_http measures an answer, and calls a closed port critical', async () => {
    const port = await serve(createServer((_request, response) => response.end('x'.repeat(1_000))));
    const to = (at: number) => plugin('check_http', '-I', '127.0.0.1', '-p', String(at));
    const { unmet, gauges } = await look(exec, to(port));
    expect(unmet).toEqual([]);
    expect(gauges['probe_exec_perfdata time']).toBeGreaterThan(0);
    expect(gauges['probe_exec_perfdata size']).toBeGreaterThan(1_000);
    const refused = await look(exec, to(await closedPort()));
    expect(refused.unmet).toMatchObject([{ level: 'expect', reason: 'exit_code' }]);
    expect(refused.unmet[0]?.seen).toContain('Connection refused');
  });

  it.each([
    ['check_load', ['-w', '1000,1000,1000', '-c', '2000,2000,2000'], 'load1'],
    ['check_procs', ['-w', '1:'], 'procs'],
    ['check_users', ['-w', '1000', '-c', '2000'], 'users'],
  ])('%s measures this machine', async (name, args, label) => {
    const { unmet, gauges } = await look(exec, plugin(name, ...args));
    expect(unmet).toEqual([]);
    expect(gauges).toHaveProperty([`probe_exec_perfdata ${label}`]);
  });

  it('check_tcp finds its port closed', async () => {
    const written = plugin('check_tcp', '-H', '127.0.0.1', '-p', String(await closedPort()));
    expect((await look(exec, written)).unmet).toMatchObject([{ reason: 'exit_code' }]);
  });
});

describe('ping', () => {
  it.each([
    ['127.0.0.1', 4],
    ['::1', 6],
  ])('%s answers', async (host, family) => {
    const { unmet, gauges, facts } = await look(icmp, { icmp: host, packets: 3 });
    expect(unmet).toEqual([]);
    expect(facts).toMatchObject({ received: 3 });
    expect(gauges['probe_icmp_duration_seconds rtt']).toBeLessThan(1);
    expect(gauges).toMatchObject({ probe_icmp_reply_hop_limit: 64, probe_ip_protocol: family });
  });
});
