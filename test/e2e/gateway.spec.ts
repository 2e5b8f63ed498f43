import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqlEntityManager } from '@mikro-orm/sql';
import { GatewayPicture } from '../../src/gateway/directories/gateway-picture.js';
import { fingerprint } from '../../src/shared/secrets/secret.js';
import { startApp, type TestApp } from '../support/app.ts';
import { GatewayAdmin } from '../support/gateway-admin.ts';
import { header, json, RecordingUpstream } from '../support/recording-upstream.ts';
import { newPerson } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

const SECRET = 'sk-upstream-secret-1234';
const COMPLETION = {
  id: 'gen-1',
  model: 'openai/gpt-5',
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.000012345 },
};

describe.each(DIALECTS)('the gateway on %s', (dialect) => {
  let app: TestApp;
  let admin: GatewayAdmin;
  let upstream: RecordingUpstream;
  beforeEach(async () => {
    upstream = await RecordingUpstream.start();
    upstream.answer = (res) => json(res, COMPLETION);
    app = await startApp({ dialect, env: { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' } });
    admin = new GatewayAdmin(app);
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const chat = (secret: string, headers: Record<string, string> = {}, body: object = { model: 'openai/gpt-5' }) =>
    fetch(`${app.url}/proxy/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const codeOf = async (answer: Response) =>
    `${answer.status} ${((await answer.json()) as { error: { code: string } }).error.code}`;
  const rows = <T>(sql: string) => app.nest.get(SqlEntityManager, { strict: false }).fork().execute<T[]>(sql);

  it('lets a new team call a model, and an admin read what it used a second later', async () => {
    const id = await admin.addUpstream({ base_url: upstream.url, is_default: true });
    const { body: created, headers } = await admin
      .post('/keys', { name: 'search team', description: 'Nightly', upstream_ids: [id] })
      .expect(201);
    const { key_value: secret } = created as { key_value: string };
    expect(secret).toMatch(/^sk-auto-[\w-]{43}$/);
    expect(headers['cache-control']).toBe('no-store');

    expect((await chat(secret)).status).toBe(200);
    expect(header(upstream.requests[0]!, 'authorization')).toEqual([`Bearer ${SECRET}`]);
    expect(upstream.requests[0]!.url).toBe('/api/v1/chat/completions');

    expect(await admin.logs(1)).toEqual([
      {
        id: 1,
        api_key_id: 1,
        upstream_id: id,
        method: 'POST',
        path: '/v1/chat/completions',
        model: 'openai/gpt-5',
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        cached_tokens: null,
        reasoning_tokens: null,
        cost: 0.000012345,
        settlement: 'settled',
        generation_id: 'gen-1',
        status_code: 200,
        duration_ms: expect.any(Number) as number,
        ttft_ms: expect.any(Number) as number,
        is_stream: false,
        error_message: null,
        created_at: expect.stringMatching(/Z$/) as string,
      },
    ]);
    const { body: listed } = await admin.get('/keys').expect(200);
    expect(listed).toMatchObject({ total: 1, page: 1, page_size: 20, total_pages: 1 });
    expect((listed as { items: object[] }).items[0]).toMatchObject({
      key_prefix: secret.slice(0, 12),
      last_used_at: expect.stringMatching(/Z$/) as string,
      is_active: true,
    });
    const stored = [
      await rows('select * from client_keys'),
      await rows('select * from audit_events'),
      listed,
      app.logs,
    ];
    expect(JSON.stringify(stored)).not.toContain(secret.slice(13));
    expect(JSON.stringify(stored)).toContain(fingerprint(secret));
  });

  it('shows no more of an upstream key than its mask, and stores it sealed', async () => {
    const id = await admin.addUpstream({ base_url: upstream.url });
    const { body } = await admin.get(`/upstreams/${id}`).expect(200);
    expect(body).toMatchObject({ api_key_masked: 'sk-***1234', api_key_id: null, timeout: 60, is_default: false });
    await admin.put(`/upstreams/${id}`, { api_key: 'short' }).expect(200);
    expect((await admin.get('/upstreams')).body).toMatchObject({ items: [{ api_key_masked: '***' }], total: 1 });
    const stored = [await rows('select * from upstreams'), await rows('select * from audit_events'), app.logs];
    expect(JSON.stringify(stored)).not.toMatch(/upstream-secret|short/);
  });

  it('has each name once and one default upstream at most', async () => {
    const first = await admin.addUpstream({ name: 'a', base_url: upstream.url, is_default: true });
    const second = await admin.addUpstream({ name: 'b', base_url: upstream.url, is_default: true });
    const { body } = await admin.get('/upstreams');
    const defaults = (body as { items: { id: number; is_default: boolean }[] }).items.filter((one) => one.is_default);
    expect(defaults.map(({ id }) => id)).toEqual([second]);
    const taken = { name: 'b', provider: 'openai', base_url: upstream.url, api_key: SECRET };
    expect((await admin.post('/upstreams', taken).expect(400)).body).toMatchObject({ code: 'duplicate_name' });
    expect((await admin.put(`/upstreams/${first}`, { name: 'b' }).expect(400)).body).toMatchObject({
      code: 'duplicate_name',
    });
    await admin.delete(`/upstreams/${second}`).expect(204);
    await admin.get(`/upstreams/${second}`).expect(404);
    await admin.put(`/upstreams/${first}`, { name: 'b' }).expect(200);
  });

  it('refuses upstreams at private addresses, and keys without an upstream that works', async () => {
    const bad = { name: 'x', provider: 'openai', base_url: 'http://10.0.0.1/v1', api_key: SECRET };
    expect((await admin.post('/upstreams', bad).expect(400)).body).toMatchObject({ code: 'invalid_base_url' });
    const off = await admin.addUpstream({ base_url: upstream.url });
    await admin.put(`/upstreams/${off}`, { is_active: false }).expect(200);
    const key = (upstream_ids: number[]) => admin.post('/keys', { name: 'x', upstream_ids }).expect(400);
    expect((await key([])).body).toMatchObject({ code: 'missing_upstreams' });
    expect((await key([99])).body).toMatchObject({ code: 'invalid_upstream' });
    expect((await key([off])).body).toMatchObject({ code: 'invalid_upstream' });
  });

  it('obeys a change with the very next request', async () => {
    await using other = await RecordingUpstream.start();
    const id = await admin.addUpstream({ base_url: upstream.url });
    const second = await admin.addUpstream({ name: 'second', base_url: other.url });
    const key = await admin.issueKey([id]);
    await admin.put(`/upstreams/${id}`, { base_url: other.url, api_key: 'sk-another-5678' }).expect(200);
    await chat(key.key_value);
    expect(header(other.requests[0]!, 'authorization')).toEqual(['Bearer sk-another-5678']);
    expect(upstream.requests).toEqual([]);

    expect(await codeOf(await chat(key.key_value, { 'x-upstream-name': 'second' }))).toBe('403 forbidden');
    await admin.put(`/keys/${key.id}`, { upstream_ids: [second] }).expect(200);
    expect((await chat(key.key_value, { 'x-upstream-name': 'second' })).status).toBe(200);
    await admin.put(`/upstreams/${second}`, { is_active: false }).expect(200);
    expect(await codeOf(await chat(key.key_value))).toBe('503 service_unavailable');
    await admin.delete(`/upstreams/${second}`).expect(204);
    expect(await codeOf(await chat(key.key_value, { 'x-upstream-name': 'second' }))).toBe('503 service_unavailable');

    await admin.delete(`/keys/${key.id}`).expect(204);
    await admin.delete(`/keys/${key.id}`).expect(204);
    expect(await codeOf(await chat(key.key_value))).toBe('401 invalid_api_key');
    expect((await admin.put(`/keys/${key.id}`, { name: 'again' }).expect(409)).body).toMatchObject({
      code: 'key_revoked',
    });
  });

  it('fails closed for an upstream whose stored key was changed, and serves the other', async () => {
    const first = await admin.addUpstream({ name: 'a', base_url: upstream.url });
    const second = await admin.addUpstream({ name: 'b', base_url: upstream.url, api_key: 'sk-the-other-key' });
    const key = await admin.issueKey([first, second]);
    await rows(
      `update upstreams set sealed_secret = (select sealed_secret from upstreams where id = ${second}) where id = ${first}`,
    );
    await app.nest.get(GatewayPicture, { strict: false }).refresh();
    const named = (name: string) => chat(key.key_value, { 'x-upstream-name': name });
    expect(await codeOf(await named('a'))).toBe('503 service_unavailable');
    expect(upstream.requests).toEqual([]);
    expect(app.logs.join()).toContain('cannot be decrypted');
    expect((await named('b')).status).toBe(200);
  });

  it('serves on with the keys and upstreams it knows while the database cannot be read, and says so once', async () => {
    const id = await admin.addUpstream({ base_url: upstream.url });
    const { key_value: secret } = await admin.issueKey([id]);
    const said = (what: string) => app.logs.filter((line) => line.includes(what)).length;
    await rows('alter table upstreams rename to upstreams_away');
    await expect.poll(() => said('cannot read its keys and upstreams')).toBe(1);
    const picture = app.nest.get(GatewayPicture, { strict: false });
    for (let tries = 0; tries < 3; tries++) await picture.lookAgain();
    expect((await chat(secret)).status).toBe(200);
    expect(said('cannot read its keys and upstreams')).toBe(1);
    await rows('alter table upstreams_away rename to upstreams');
    await expect.poll(() => said('reads its keys and upstreams again')).toBe(1);
  });

  it('uses a registered OpenRouter key in place of one of its own, while that key works', async () => {
    const person = await newPerson(app);
    const registered = { name: 'mine', key: 'sk-or-v1-registered-key' };
    const as = { Authorization: `Bearer ${person.jwt}` };
    const { body: key } = await request(app.url).post('/api/keys').set(as).send(registered).expect(201);
    const { id: apiKeyId } = key as { id: number };
    const wanted = { name: 'main', provider: 'openrouter', base_url: upstream.url };
    await admin.post('/upstreams', wanted).expect(422);
    await admin.post('/upstreams', { ...wanted, api_key: SECRET, api_key_id: apiKeyId }).expect(422);
    const unknown = await admin.post('/upstreams', { ...wanted, api_key_id: 99 }).expect(400);
    expect(unknown.body).toMatchObject({ code: 'invalid_api_key_id' });
    const { body } = await admin.post('/upstreams', { ...wanted, api_key_id: apiKeyId }).expect(201);
    expect(body).toMatchObject({ api_key_masked: null, api_key_id: apiKeyId });

    const { key_value: secret } = await admin.issueKey([(body as { id: number }).id]);
    expect((await chat(secret)).status).toBe(200);
    expect(header(upstream.requests[0]!, 'authorization')).toEqual(['Bearer sk-or-v1-registered-key']);
    await request(app.url).delete(`/api/keys/${apiKeyId}`).set(as).expect(204);
    await app.nest.get(GatewayPicture, { strict: false }).refresh();
    expect(await codeOf(await chat(secret))).toBe('503 service_unavailable');
    expect(upstream.requests).toHaveLength(1);
  });

  it('logs every request once, whatever became of it, and finds it by what was asked', async () => {
    const id = await admin.addUpstream({ base_url: upstream.url });
    const key = await admin.issueKey([id]);
    const marks = [new Date()];
    await chat(key.key_value);
    await chat('sk-auto-unknown');
    upstream.answer = (res) => json(res, { error: { message: 'no' } }, 429);
    await chat(key.key_value, {}, { model: 'openai/gpt-4.1' });
    upstream.answer = (res) => void res.destroy();
    await chat(key.key_value);
    expect((await admin.logs(4)).map(({ status_code }) => status_code)).toEqual([502, 429, 401, 200]);
    const found = async (query: string) => (await admin.logs(0, query)).length;
    expect(await found('&status_code=401')).toBe(1);
    expect(await found(`&api_key_id=${key.id}`)).toBe(3);
    expect(await found(`&upstream_id=${id}&model=openai/gpt-4.1`)).toBe(1);
    expect(await found(`&start_time=${marks[0]!.toISOString()}`)).toBe(4);
    expect(await found(`&end_time=2020-01-01T00:00:00Z`)).toBe(0);
    await admin.get('/logs?start_time=yesterday').expect(422);
    await admin.delete(`/upstreams/${id}`).expect(204);
    await admin.delete(`/keys/${key.id}`).expect(204);
    expect((await admin.logs(4)).map(({ upstream_id }) => upstream_id)).toEqual([id, id, null, id]);
  });

  it('tells the holder of a key what it has used and may use', async () => {
    const id = await admin.addUpstream({ base_url: upstream.url });
    const limits = { rpm: 100, budget_usd: 1.5, budget_period: 'week' };
    const { key_value: secret } = await admin.issueKey([id], { limits });
    await chat(secret);
    await chat(secret);
    await admin.logs(2);
    const answer = await fetch(`${app.url}/proxy/v1/usage`, { headers: { 'x-api-key': secret } });
    expect(await answer.json()).toMatchObject({
      name: 'a team',
      total: { requests: 2, prompt_tokens: 20, completion_tokens: 10, cost: 0.00002469, unsettled_requests: 0 },
      today: { requests: 2 },
      limits: { rpm: 100, tpm: null, budget_usd: 1.5, budget_period: 'week' },
      budget: { limit: 1.5, spent: 0.00002469, reserved: 0 },
    });
  });
});
