import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { startApp } from '../support/app.ts';
import { GatewayAdmin } from '../support/gateway-admin.ts';
import { newPerson } from '../support/people.ts';
import { json, RecordingUpstream } from '../support/recording-upstream.ts';
import { type RunningService, startService } from '../support/service.ts';
import { HAPROXY, POSTGRES_URL } from '../support/services.ts';
import { SteadyTraffic } from '../support/steady-traffic.ts';

const LOOPBACK = { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' };
const METRICS_TOKEN = 'a-token-for-metrics';
const BEHIND_A_BALANCER = { ...LOOPBACK, METRICS_TOKEN, TRUST_PROXY: '127.0.0.1', STOP_DELAY_SECONDS: '5' };

describe.skipIf(!HAPROXY || !POSTGRES_URL)('two instances behind HAProxy', () => {
  let database: TestDatabase;
  let upstream: RecordingUpstream;
  let services: RunningService[];
  let balancer: Balancer;
  let calls: Record<string, () => Promise<Response>>;
  beforeEach(async () => {
    database = await newDatabase('postgres');
    upstream = await RecordingUpstream.start();
    upstream.answer = (res) => void setTimeout(() => json(res, { id: 'gen-1', choices: [] }), 20);
    const { secret, jwt } = await inhabitants();
    const env = { ...BEHIND_A_BALANCER, DATABASE_URL: database.url };
    services = await Promise.all([startService(env), startService(env)]);
    balancer = await startBalancer(services[0]!.url, services[1]!.url);
    const chat = () =>
      fetch(`${balancer.url}/proxy/v1/chat/completions`, {
        method: 'POST',
        headers: { 'x-api-key': secret },
        body: '{"model":"openai/gpt-5"}',
      });
    const me = () => fetch(`${balancer.url}/api/auth/me`, { headers: { Authorization: `Bearer ${jwt}` } });
    calls = { chat, another: chat, third: chat, me };
  });
  afterEach(async () => {
    await balancer[Symbol.asyncDispose]();
    for (const service of services) await service[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  async function inhabitants() {
    await using app = await startApp({ databaseUrl: database.url, env: LOOPBACK });
    const admin = new GatewayAdmin(app);
    const { key_value: secret } = await admin.issueKey([await admin.addUpstream({ base_url: upstream.url })]);
    return { secret, jwt: (await newPerson(app)).jwt };
  }

  const startAgain = async (index: number) => {
    const PORT = new URL(services[index]!.url).port;
    services[index] = await startService({ ...BEHIND_A_BALANCER, DATABASE_URL: database.url, PORT });
  };

  /** Calls of the gateway that the balancer has led to an instance since it started. */
  async function callsOf({ url }: RunningService): Promise<number> {
    const headers = { Authorization: `Bearer ${METRICS_TOKEN}` };
    const text = await (await fetch(`${url}/metrics`, { headers })).text();
    return [...text.matchAll(/^gateway_requests_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  }

  /** Until each kind of call has been answered so often again. */
  async function goOn(traffic: SteadyTraffic): Promise<void> {
    for (const kind of Object.keys(calls)) {
      const before = traffic.count(`${kind} 200`);
      await expect.poll(() => traffic.count(`${kind} 200`)).toBeGreaterThan(before + 20);
    }
  }

  it('#77 fail no request when they are restarted one after the other', async () => {
    await using traffic = new SteadyTraffic(calls);
    for (const index of [0, 1]) {
      await goOn(traffic);
      services[index]!.process.kill('SIGTERM');
      expect(await once(services[index]!.process, 'exit')).toEqual([0, null]);
      await goOn(traffic);
      await startAgain(index);
      await expect.poll(() => callsOf(services[index]!)).toBeGreaterThan(0);
    }
    expect(traffic.failures).toEqual({});
  });

  it('lose no more than what was under way on one that is killed', async () => {
    await using traffic = new SteadyTraffic(calls);
    await goOn(traffic);
    services[0]!.process.kill('SIGKILL');
    await once(services[0]!.process, 'exit');
    await goOn(traffic);
    const lost = Object.values(traffic.failures).reduce((sum, count) => sum + count, 0);
    // Each kind has one call under way at a time.
    expect(lost).toBeLessThanOrEqual(Object.keys(calls).length);
    await startAgain(0);
    await goOn(traffic);
    expect(Object.values(traffic.failures).reduce((sum, count) => sum + count, 0)).toBe(lost);
  });
});
