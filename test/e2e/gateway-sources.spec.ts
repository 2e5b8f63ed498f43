import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { GatewayAdmin } from '../support/gateway-admin.ts';
import { DIALECTS } from '../support/services.ts';

const PERSON = { email: 'ann@example.com', password: 'a long enough pass phrase' };

describe.each(DIALECTS)('a registered key behind an upstream on %s', (dialect) => {
  let simulator: Simulator;
  let app: TestApp;
  let admin: GatewayAdmin;
  let jwt: string;
  beforeEach(async () => {
    const clock = new FixedClock('2026-06-17T12:00:00Z');
    simulator = await startSimulator({ now: () => clock.now() });
    const env = { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8', OPENROUTER_BASE_URL: simulator.url };
    app = await startApp({ dialect, clock, env });
    admin = new GatewayAdmin(app);
    await request(app.url).post('/api/auth/register').send(PERSON).expect(201);
    const { body } = await request(app.url).post('/api/auth/login').send(PERSON).expect(200);
    jwt = (body as { access_token: string }).access_token;
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await simulator.close();
  });

  const register = async (name: string, key: string) => {
    const added = await request(app.url).post('/api/keys').auth(jwt, { type: 'bearer' }).send({ name, key });
    return (added.body as { id: number }).id;
  };
  const dashboard = async () => {
    const { body } = await request(app.url).get('/api/stats/dashboard').auth(jwt, { type: 'bearer' }).expect(200);
    return body as { summary: Record<string, number>; by_key: Record<string, unknown>[] };
  };

  it('costs what OpenRouter says; what the gateway metered of it stands beside, and no dollar counts twice', async () => {
    const account = simulator.account();
    const [one, two] = [account.key(), account.key()];
    const ids = [await register('behind the gateway', one.secret), await register('on its own', two.secret)];
    // The first reading of a key is what it had spent before.
    await admin.post('/jobs/usage-sync/run', {}).expect(200);
    const upstream = { base_url: simulator.url, api_key: undefined, api_key_id: ids[0] };
    const clientKey = await admin.issueKey([await admin.addUpstream(upstream)]);
    simulator.completeWith({ cost: 0.25 });
    for (let call = 0; call < 2; call++) {
      await request(app.url)
        .post('/proxy/v1/chat/completions')
        .auth(clientKey.key_value, { type: 'bearer' })
        .send({ model: 'openai/gpt-4.1-mini', messages: [] })
        .expect(200);
    }
    await admin.logs(2);
    // Somebody else uses the same key without the gateway.
    one.spend({ cost: '1' });
    two.spend({ cost: '2' });
    await admin.post('/jobs/usage-sync/run', {}).expect(200);
    const { summary, by_key } = await dashboard();
    expect(by_key).toMatchObject([
      { id: ids[1], cost: 2, source: 'openrouter', metered_cost: null },
      { id: ids[0], cost: 1.5, source: 'openrouter', metered_cost: 0.5 },
    ]);
    expect(summary.total_cost).toBe(3.5);
  });
});
