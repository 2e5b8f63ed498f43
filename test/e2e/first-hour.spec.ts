import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiDocument, Conformance } from '../support/conformance.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';
import { type RunningService, SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';

interface Reply {
  status: number;
  headers: Headers;
  // What an answer holds is for the story to say; the OpenAPI document is held against each of them.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** From nothing to a figure that a program reads, on the built service; each answer is held against the OpenAPI document. */
describe.each(DIALECTS)('the first hour on %s', (dialect) => {
  const email = 'ada@example.com';
  const password = 'correct horse battery staple';
  let database: TestDatabase;
  let simulator: Simulator;
  let service: RunningService;
  let conformance: Conformance;
  let jwt = '';
  let token = '';
  const mistakes: string[] = [];

  beforeAll(async () => {
    database = await newDatabase(dialect);
    simulator = await startSimulator();
    service = await startService({
      DATABASE_URL: database.url,
      OPENROUTER_BASE_URL: simulator.url,
      // The simulator is on this machine, where upstreams may not be unless it is allowed.
      UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8',
    });
    conformance = new Conformance((await (await fetch(`${service.url}/openapi.json`)).json()) as ApiDocument);
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await simulator.close();
    await database[Symbol.asyncDispose]();
  });

  async function call(method: string, address: string, credential = jwt, sent?: unknown): Promise<Reply> {
    const headers: Record<string, string> = credential ? { Authorization: `Bearer ${credential}` } : {};
    if (sent !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetch(service.url + address, {
      method,
      headers,
      body: sent === undefined ? null : JSON.stringify(sent),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    const body: unknown = type.includes('json') ? JSON.parse(text) : text;
    mistakes.push(...conformance.check(method, address.split('?')[0]!, answer.status, type, body));
    return { status: answer.status, headers: answer.headers, body };
  }

  it('begins with an account and a log-in', async () => {
    expect((await call('POST', '/api/auth/register', '', { email, password })).status).toBe(201);
    expect((await call('POST', '/api/auth/register', '', { email: email.toUpperCase(), password })).body.code).toBe(
      'email_taken',
    );
    const login = await call('POST', '/api/auth/login', '', { email, password });
    jwt = login.body.access_token;
    expect((await call('GET', '/api/auth/me')).body).toMatchObject({ email, role: 'admin' });
  });

  it('registers a management key and a standard key, and runs the sync', async () => {
    const account = simulator.account({ credits: '50' });
    const standard = account.key({ name: 'laptop', limit: '10', limitReset: 'monthly' });
    const management = account.managementKey();
    const yesterday = new Date(Date.now() - 86_400_000);
    standard.spend({
      at: yesterday,
      model: 'openai/gpt-4o',
      requests: 3,
      promptTokens: 100,
      completionTokens: 20,
      cost: '0.123456789',
    });
    account.key({ name: 'server' }).spend({ at: yesterday, requests: 2, cost: '0.000000001' });

    expect((await call('POST', '/api/keys', jwt, { name: 'laptop', key: ` "${standard.secret}" ` })).body.status).toBe(
      'valid',
    );
    expect((await call('POST', '/api/keys', jwt, { name: 'all', key: management.secret })).body.kind).toBe(
      'management',
    );
    expect((await call('POST', '/api/keys', jwt, { name: 'again', key: standard.secret })).status).toBe(400);
    expect((await call('POST', '/api/keys', jwt, { name: 'bad', key: 'sk-or-v1-unknown' })).status).toBe(422);

    const run = await call('POST', '/admin/jobs/usage-sync/run', SERVICE_ENVIRONMENT.ADMIN_TOKEN);
    expect(run.body).toMatchObject({ outcome: 'succeeded' });
    const { items } = (await call('GET', '/api/keys?sort=name')).body;
    expect(items.map(({ name, kind }: { name: string; kind: string }) => [name, kind])).toEqual([
      ['all', 'management'],
      ['laptop', 'standard'],
      ['server', 'discovered'],
    ]);
  });

  it('shows the same figures everywhere, to the nano-dollar', async () => {
    const total = 0.12345679;
    const dashboard = (await call('GET', '/api/stats/dashboard?days=7')).body;
    expect(dashboard.summary).toEqual({
      total_requests: 5,
      total_cost: total,
      total_tokens_input: 100,
      total_tokens_output: 20,
    });
    expect(dashboard.by_date).toHaveLength(7);
    const { start_date, end_date } = dashboard.period;
    const usage = await call('GET', `/api/usage?start_date=${start_date}&end_date=${end_date}`);
    expect(usage.headers.get('x-total-count')).toBe('2');
    const csv = (await call('GET', `/api/usage/export?start_date=${start_date}&end_date=${end_date}`)).body as string;
    expect(csv.trimEnd().split('\r\n')).toHaveLength(3);

    token = (await call('POST', '/api/tokens', jwt, { name: 'grafana' })).body.token;
    const stats = await call('GET', '/api/v1/stats', token);
    expect(stats.body.summary).toEqual(dashboard.summary);
    expect(stats.headers.get('x-ratelimit-limit')).toBe('100');
    const days = (await call('GET', `/api/v1/usage?start_date=${start_date}&end_date=${end_date}`, token)).body;
    expect(days.pagination).toEqual({ page: 1, limit: 100, total: 2, pages: 1 });
    const keys = (await call('GET', '/api/v1/keys', token)).body;
    expect(keys.items.map((key: { stats: object }) => key.stats)).toContainEqual({
      total_requests: 3,
      total_cost: 0.123456789,
    });
  });

  it('looks after keys, tokens and news', async () => {
    const [{ id }] = (await call('GET', '/api/keys?sort=name&limit=1&skip=1')).body.items;
    expect((await call('GET', `/api/keys/${id}`)).status).toBe(200);
    expect((await call('PUT', `/api/keys/${id}`, jwt, { name: 'notebook', is_active: false })).body).toMatchObject({
      name: 'notebook',
      is_active: false,
    });
    expect((await call('PUT', `/api/keys/${id}`, jwt, { is_active: true })).body.is_active).toBe(true);
    expect((await call('POST', `/api/keys/${id}/validate`)).body.status).toBe('valid');
    for (const account of simulator.world.accounts) for (const key of account.keys) key.expire();
    expect((await call('POST', '/admin/jobs/key-validation/run', SERVICE_ENVIRONMENT.ADMIN_TOKEN)).body.outcome).toBe(
      'succeeded',
    );
    expect((await call('GET', `/api/keys/${id}`)).body).toMatchObject({ status: 'expired', is_active: false });

    const news = (await call('GET', '/api/notifications?unread=true')).body;
    expect(news.items.map(({ api_key_id }: { api_key_id: number }) => api_key_id)).toContain(id);
    expect((await call('POST', `/api/notifications/${news.items[0].id}/read`)).status).toBe(204);
    expect((await call('POST', '/api/notifications/read')).status).toBe(204);
    expect((await call('GET', '/api/notifications')).body.unread).toBe(0);

    const tokens = async () => (await call('GET', '/api/tokens')).body;
    await expect.poll(async () => (await tokens())[0].last_used_at).not.toBeNull();
    const [listed] = await tokens();
    expect((await call('DELETE', `/api/tokens/${listed.id}`)).status).toBe(204);
    expect((await call('GET', '/api/v1/keys', token)).status).toBe(401);
    expect((await call('DELETE', `/api/keys/${id}`)).status).toBe(204);
    expect((await call('GET', `/api/keys/${id}`)).status).toBe(404);
  });

  it('can be seen by the operator', async () => {
    for (const path of ['/health', '/ready', '/metrics'])
      await expect.poll(async () => (await call('GET', path, '')).status).toBe(200);
    const jobs = (await call('GET', '/admin/jobs', SERVICE_ENVIRONMENT.ADMIN_TOKEN)).body;
    expect(JSON.stringify(jobs)).toContain('usage-cleanup');
    expect((await call('POST', '/admin/jobs/usage-cleanup/run', SERVICE_ENVIRONMENT.ADMIN_TOKEN)).body.outcome).toBe(
      'succeeded',
    );
    expect((await call('GET', '/admin/jobs/usage-sync/runs', SERVICE_ENVIRONMENT.ADMIN_TOKEN)).body.items).toHaveLength(
      1,
    );
  });

  it('passes a call through the gateway, and shows what it has cost', async () => {
    const admin = SERVICE_ENVIRONMENT.ADMIN_TOKEN;
    const { secret } = simulator.account().key();
    const upstream = {
      name: 'main',
      provider: 'openrouter',
      base_url: simulator.url,
      api_key: secret,
      is_default: true,
    };
    const { id } = (await call('POST', '/admin/upstreams', admin, upstream)).body;
    expect((await call('PUT', `/admin/upstreams/${id}`, admin, { timeout: 30 })).body).toMatchObject({ timeout: 30 });
    expect((await call('GET', `/admin/upstreams/${id}`, admin)).body.api_key_masked).toBe(`sk-***${secret.slice(-4)}`);
    const issued = (await call('POST', '/admin/keys', admin, { name: 'team', upstream_ids: [id] })).body;
    await call('PUT', `/admin/keys/${issued.id}`, admin, { name: 'the team' });

    const answer = await fetch(`${service.url}/proxy/v1/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${issued.key_value}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-4.1-mini', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const { usage } = (await answer.json()) as { usage: { total_tokens: number } };
    const logs = async () => (await call('GET', `/admin/logs?api_key_id=${issued.id}`, admin)).body.items;
    await expect.poll(logs).toHaveLength(1);
    expect((await logs())[0]).toMatchObject({
      status_code: 200,
      settlement: 'settled',
      total_tokens: usage.total_tokens,
    });

    expect((await call('GET', '/admin/keys', admin)).body.items[0].key_prefix).toBe(issued.key_value.slice(0, 12));
    expect((await call('DELETE', `/admin/keys/${issued.id}`, admin)).status).toBe(204);
    expect((await call('DELETE', `/admin/upstreams/${id}`, admin)).status).toBe(204);
    expect((await call('GET', '/admin/upstreams', admin)).status).toBe(200);
  });

  it('ends with a new password, and without the account', async () => {
    const changed = { current_password: password, new_password: 'another good pass phrase' };
    expect((await call('PUT', '/api/auth/password', jwt, changed)).status).toBe(204);
    expect((await call('POST', '/api/auth/logout')).status).toBe(204);
    expect((await call('GET', '/api/auth/me')).status).toBe(401);
    jwt = (await call('POST', '/api/auth/login', '', { email, password: changed.new_password })).body.access_token;
    expect((await call('DELETE', '/api/auth/me', jwt, { password: changed.new_password })).status).toBe(204);
    expect((await call('POST', '/api/auth/login', '', { email, password: changed.new_password })).status).toBe(401);
  });

  it('has answered as the OpenAPI document says, and has tried all of it', () => {
    expect(mistakes).toEqual([]);
    expect(conformance.untried()).toEqual([]);
  });

  it('has logged no secret', () => {
    const secrets = [password, jwt, token, SERVICE_ENVIRONMENT.ADMIN_TOKEN, SERVICE_ENVIRONMENT.ENCRYPTION_KEY, email];
    const keys = simulator.world.accounts.flatMap((account) => account.keys.map((key) => key.secret));
    expect([...secrets, ...keys].filter((secret) => service.output().includes(secret))).toEqual([]);
  });
});
