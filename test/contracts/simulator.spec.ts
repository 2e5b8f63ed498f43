import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../fakes/clock.fixed.ts';
import type { SimulatedAccount } from '../simulator/account.ts';
import { faults } from '../simulator/faults.ts';
import type { SimulatedKey } from '../simulator/key.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';

// A Friday; the week began on Monday the 8th.
const NOW = '2026-06-12T12:00:00.000Z';

const number = expect.any(Number);
const string = expect.any(String);
const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
const hash = expect.stringMatching(/^[\da-f]{64}$/);

let clock: FixedClock;
let simulator: Simulator;
let account: SimulatedAccount;
let management: SimulatedKey;

beforeEach(async () => {
  clock = new FixedClock(NOW);
  simulator = await startSimulator({ now: () => clock.now() });
  account = simulator.account({ credits: 100 });
  management = account.managementKey();
});
afterEach(() => simulator.close());

interface Answered {
  status: number;
  text: string;
  headers: Headers;
  // The parsed body, as loose as JSON is.
  body: ReturnType<typeof JSON.parse>;
}

async function ask(path: string, secret?: string, body?: object, patienceMs = 60_000): Promise<Answered> {
  const response = await fetch(`${simulator.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { ...(secret ? { authorization: `Bearer ${secret}` } : {}), 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    headers: response.headers,
    body: /^[[{]/.test(text) ? JSON.parse(text) : undefined,
  };
}

const say = { model: 'openai/gpt-4.1-mini', messages: [{ role: 'user', content: 'Hello' }] };

describe('GET /key', () => {
  it('answers with every field of the page and its type', async () => {
    const key = account.key({ limit: 10, limitReset: 'monthly', expiresAt: '2027-01-01T00:00:00.000Z' });
    const { status, body } = await ask('/key', key.secret);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        label: `sk-or-v1-${key.secret.slice(9, 12)}...${key.secret.slice(-4)}`,
        usage: 0,
        usage_daily: 0,
        usage_weekly: 0,
        usage_monthly: 0,
        byok_usage: 0,
        byok_usage_daily: 0,
        byok_usage_weekly: 0,
        byok_usage_monthly: 0,
        limit: 10,
        limit_remaining: 10,
        limit_reset: 'monthly',
        include_byok_in_limit: false,
        is_free_tier: false,
        is_management_key: false,
        is_provisioning_key: false,
        creator_user_id: string,
        expires_at: '2027-01-01T00:00:00.000Z',
        rate_limit: { requests: -1, interval: string, note: string },
        free_model_daily_requests: { used: 0, limit: 1000, remaining: 1000 },
        allowed_data_regions: ['global'],
        organization_id: null,
        workspace_id: uuid,
      },
    });
  });

  it('counts spending in the UTC day, the week from Monday and the month', async () => {
    const key = account.key({ limit: 100, limitReset: 'weekly' });
    key.spend({ at: '2026-05-31T23:59:59.999Z', cost: '0.1' });
    key.spend({ at: '2026-06-07T23:59:59.999Z', cost: '0.02' });
    key.spend({ at: '2026-06-08T00:00:00.000Z', cost: '0.003' });
    key.spend({ at: '2026-06-12T00:00:00.000Z', cost: '0.000000004', byokCost: '7.5' });
    key.spend({ at: '2026-06-12T12:00:00.001Z', cost: 50 });
    const { body, text } = await ask('/key', key.secret);
    expect(body.data).toMatchObject({
      usage: 0.123000004,
      usage_monthly: 0.023000004,
      usage_weekly: 0.003000004,
      usage_daily: 4e-9,
      byok_usage_daily: 7.5,
      limit_remaining: 99.996999996,
    });
    expect(text).toContain('"usage_daily":0.000000004,');
  });

  it('eats the limit with BYOK spending only where the key says so', async () => {
    const key = account.key({ limit: 10, includeByokInLimit: true });
    key.spend({ cost: 1, byokCost: '2.5' });
    expect((await ask('/key', key.secret)).body.data.limit_remaining).toBe(6.5);
  });

  it('lets lifetime usage fall with a refund', async () => {
    const key = account.key();
    key.spend({ cost: 3, at: '2026-06-01T10:00:00Z' });
    key.refund('0.5', { at: '2026-06-01T10:00:00Z' });
    expect((await ask('/key', key.secret)).body.data).toMatchObject({ usage: 2.5, usage_daily: 0 });
  });

  it('tells the narrowest budget', async () => {
    const key = account.key({
      budgets: [
        { scope: 'member', limit: 5, reset: 'daily' },
        { scope: 'workspace', limit: 3, reset: null },
      ],
    });
    key.spend({ cost: 3 });
    expect((await ask('/key', key.secret)).body.data.effective_budget).toEqual({
      scope: 'workspace',
      limit_usd: 3,
      spend_usd: 3,
      remaining_usd: 0,
      reset_interval: null,
      resets_at: null,
      include_byok: false,
    });
  });

  it.each([
    ['no key', () => undefined, 'Missing Authentication header'],
    ['an unknown key', () => `sk-or-v1-${'0'.repeat(64)}`, 'User not found.'],
    ['a deleted key', (key: SimulatedKey) => (key.delete(), key.secret), 'User not found.'],
    ['a disabled key', (key: SimulatedKey) => (key.disable(), key.secret), 'User not found.'],
    ['an expired key', (key: SimulatedKey) => (key.expire(), key.secret), 'API key expired'],
  ])('refuses %s', async (_what, secret, message) => {
    const { status, body } = await ask('/key', secret(account.key()));
    expect(status).toBe(401);
    expect(body).toEqual({ error: { message, code: 401 } });
  });

  it('answers 200 to a key whose limit is spent, and to a management key', async () => {
    const key = account.key({ limit: 1 });
    key.spend({ cost: 2 });
    expect((await ask('/key', key.secret)).body.data.limit_remaining).toBe(-1);
    const { body } = await ask('/key', management.secret);
    expect(body.data).toMatchObject({ is_management_key: true, usage: 0, limit: null });
  });
});

describe('GET /keys', () => {
  it('tells every field of a key, and not its secret', async () => {
    const key = account.key({ name: 'Blog' });
    key.spend({ at: '2026-06-11T08:00:00.000Z', cost: '1.25' });
    const { body, text } = await ask('/keys', management.secret);
    expect(body.data).toEqual([
      {
        hash,
        name: 'Blog',
        label: key.label,
        disabled: false,
        limit: null,
        limit_remaining: null,
        limit_reset: null,
        include_byok_in_limit: false,
        usage: 1.25,
        usage_daily: 0,
        usage_weekly: 1.25,
        usage_monthly: 1.25,
        byok_usage: 0,
        byok_usage_daily: 0,
        byok_usage_weekly: 0,
        byok_usage_monthly: 0,
        created_at: string,
        updated_at: null,
        expires_at: null,
        creator_user_id: string,
        external_user: null,
        workspace_id: account.defaultWorkspace.id,
        last_used_at: '2026-06-11T08:00:00.000Z',
      },
    ]);
    expect(text).not.toContain(key.secret);
    expect(key.hash).not.toBe(createHash('sha256').update(key.secret).digest('hex'));
  });

  it('has a hundred a page, newest first', async () => {
    for (let n = 0; n < 120; n++) account.key({ name: `Key ${n}`, createdAt: new Date(Date.parse(NOW) + n) });
    const first = (await ask('/keys', management.secret)).body.data;
    const second = (await ask('/keys?offset=100', management.secret)).body.data;
    expect([first.length, second.length]).toEqual([100, 20]);
    expect([first[0].name, second[19].name]).toEqual(['Key 119', 'Key 0']);
  });

  it('hides disabled and expired keys unless asked, and shows only one workspace', async () => {
    const other = account.workspace('Research');
    account.key({ name: 'plain' });
    account.key({ name: 'disabled', disabled: true });
    account.key({ name: 'expired', expiresAt: '2026-06-01T00:00:00Z' });
    account.key({ name: 'gone' }).delete();
    account.key({ name: 'oauth', isUnlisted: true });
    account.key({ name: 'elsewhere', workspace: other });
    const names = async (query: string) =>
      (await ask(`/keys${query}`, management.secret)).body.data.map(({ name }: { name: string }) => name);
    expect(await names('')).toEqual(['plain']);
    expect(await names('?include_disabled=true')).toEqual(['disabled', 'plain']);
    expect(await names('?include_disabled=true&include_expired=true')).toEqual(['expired', 'disabled', 'plain']);
    expect(await names(`?workspace_id=${other.id}`)).toEqual(['elsewhere']);
    const { body } = await ask('/workspaces?limit=100&offset=0', management.secret);
    expect(body).toMatchObject({ total_count: 2, data: [{ id: uuid, name: 'Default' }, { name: 'Research' }] });
  });

  it('shows one key by its hash', async () => {
    const key = account.key({ name: 'Blog' });
    expect((await ask(`/keys/${key.hash}`, management.secret)).body.data.name).toBe('Blog');
    expect((await ask(`/keys/${'0'.repeat(64)}`, management.secret)).status).toBe(404);
  });

  it.each(['/keys', '/workspaces', '/credits', '/activity', '/analytics/meta'])(
    'is for management keys only, as is %s',
    async (path) => {
      const { status, body } = await ask(path, account.key().secret);
      expect(status).toBe(403);
      expect(body.error).toEqual({ message: 'Only management keys can perform this operation', code: 403 });
    },
  );
});

describe('GET /credits', () => {
  it('tells what was bought and what was used by all keys', async () => {
    account.key().spend({ cost: '0.1' });
    account.key().spend({ cost: '0.2', byokCost: 9 });
    const { text } = await ask('/credits', management.secret);
    expect(text).toBe('{"data":{"total_credits":100,"total_usage":0.3}}');
  });

  it('may be open to standard keys', async () => {
    simulator.behaviour.creditsForAll = true;
    expect((await ask('/credits', account.key().secret)).status).toBe(200);
  });
});

describe('GET /activity', () => {
  it('has one row per completed day, model and endpoint', async () => {
    const key = account.key();
    const used = { promptTokens: 100, completionTokens: 20, reasoningTokens: 5, cost: '0.1', byokCost: '0.01' };
    key.spend({ ...used, at: '2026-06-11T01:00:00Z', provider: 'OpenAI' });
    key.spend({ ...used, at: '2026-06-11T02:00:00Z', provider: 'OpenAI', requests: 3 });
    key.spend({ ...used, at: '2026-06-11T02:00:00Z', provider: 'Azure' });
    key.spend({ ...used, at: NOW });
    key.spend({ ...used, at: '2026-05-12T23:59:59Z', provider: 'OpenAI' });
    key.spend({ ...used, at: '2026-05-13T00:00:00Z', provider: 'OpenAI' });
    const { body } = await ask('/activity', management.secret);
    expect(body.data.map((row: Record<string, unknown>) => [row.date, row.provider_name, row.requests])).toEqual([
      ['2026-06-11', 'OpenAI', 4],
      ['2026-06-11', 'Azure', 1],
      ['2026-05-13', 'OpenAI', 1],
    ]);
    expect(body.data[0]).toEqual({
      date: '2026-06-11',
      model: 'openai/gpt-4.1-mini',
      model_permaslug: 'openai/gpt-4.1-mini-2025-04-14',
      endpoint_id: uuid,
      provider_name: 'OpenAI',
      usage: 0.2,
      byok_usage_inference: 0.02,
      requests: 4,
      prompt_tokens: 200,
      completion_tokens: 40,
      reasoning_tokens: 10,
    });
  });

  it('tells one day, one key, one workspace', async () => {
    const other = account.workspace('Research');
    const [one, two] = [account.key(), account.key({ workspace: other })];
    one.spend({ at: '2026-06-11T01:00:00Z', cost: 1 });
    one.spend({ at: '2026-06-10T01:00:00Z', cost: 2 });
    two.spend({ at: '2026-06-10T01:00:00Z', cost: 4 });
    const usage = async (query: string) =>
      (await ask(`/activity?${query}`, management.secret)).body.data.map((row: { usage: number }) => row.usage);
    expect(await usage('date=2026-06-10')).toEqual([6]);
    expect(await usage(`date=2026-06-10&api_key_hash=${one.hash}`)).toEqual([2]);
    expect(await usage(`workspace_id=${other.id}`)).toEqual([4]);
    expect(await usage('date=2026-06-10&group_by=workspace')).toEqual([2, 4]);
  });

  it('takes up late corrections of past days', async () => {
    const key = account.key();
    key.spend({ at: '2026-06-10T01:00:00Z', cost: 2 });
    key.spend({ at: '2026-06-10T01:00:00Z', cost: '-0.5', requests: 0 });
    expect((await ask('/activity?date=2026-06-10', management.secret)).body.data[0]).toMatchObject({
      usage: 1.5,
      requests: 1,
    });
  });

  it.each(['2026-06-12', '2026-06-13', '2026-05-12'])('does not know %s', async (date) => {
    const { status, body } = await ask(`/activity?date=${date}`, management.secret);
    expect(status).toBe(400);
    expect(body.error.message).toBe('Date must be within the last 30 (completed) UTC days');
  });
});

describe('POST /analytics/query', () => {
  const metrics = ['request_count', 'tokens_prompt', 'credits_usage', 'byok_usage', 'usage_web'];

  it('tells today by model, counts as texts and money as numbers', async () => {
    const key = account.key();
    key.spend({ promptTokens: 100, cost: '0.1', at: '2026-06-12T08:00:00Z' });
    key.spend({ promptTokens: 50, cost: '0.2', byokCost: '0.5', at: '2026-06-12T09:00:00Z' });
    account.key().spend({ cost: 50 });
    const { body } = await ask('/analytics/query', management.secret, {
      metrics,
      dimensions: ['model'],
      granularity: 'day',
      time_range: { start: '2026-06-12T00:00:00Z', end: '2026-06-13T00:00:00Z' },
      filters: [{ field: 'api_key_id', operator: 'eq', value: key.hash }],
    });
    expect(body).toEqual({
      data: {
        data: [
          {
            date__day: '2026-06-12',
            model: 'openai/gpt-4.1-mini-2025-04-14',
            request_count: '2',
            tokens_prompt: '150',
            credits_usage: 0.3,
            byok_usage: 0.5,
            usage_web: null,
          },
        ],
        metadata: { query_time_ms: number, row_count: 1, truncated: false },
        cachedAt: number,
      },
    });
  });

  it('shows keys by name, filters them by hash or number, buckets hours as instants', async () => {
    const key = account.key({ name: 'Blog' });
    key.spend({ at: '2026-06-12T08:30:00Z' });
    const { body } = await ask('/analytics/query', management.secret, {
      metrics: ['request_count'],
      dimensions: ['api_key_id', 'provider'],
      granularity: 'hour',
      filters: [{ field: 'api_key_id', operator: 'in', value: [String(key.id)] }],
    });
    expect(body.data.data).toEqual([
      { created_at__hour: '2026-06-12T08:00:00.000Z', api_key_id: 'Blog', provider: 'OpenAI', request_count: '1' },
    ]);
  });

  it('warns of an unknown hash instead of failing', async () => {
    const filters = [{ field: 'api_key_id', operator: 'eq', value: '0'.repeat(64) }];
    const { status, body } = await ask('/analytics/query', management.secret, { metrics, filters });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ data: [], warnings: [string] });
  });

  it('says when it leaves rows out', async () => {
    const key = account.key();
    for (const model of ['a/one', 'a/two', 'a/three']) key.spend({ model });
    const question = { metrics: ['request_count'], dimensions: ['model'], limit: 2 };
    const { body } = await ask('/analytics/query', management.secret, question);
    expect(body.data.metadata).toMatchObject({ row_count: 2, truncated: true });
  });

  it('refuses three dimensions, and more questions a minute than allowed', async () => {
    const three = { metrics, dimensions: ['model', 'provider', 'user'] };
    expect((await ask('/analytics/query', management.secret, three)).status).toBe(400);
    simulator.behaviour.analyticsPerMinute = 2;
    expect((await ask('/analytics/query', management.secret, { metrics })).status).toBe(200);
    const { status, headers } = await ask('/analytics/query', management.secret, { metrics });
    expect([status, headers.get('retry-after')]).toEqual([429, '60']);
    clock.advance(60);
    expect((await ask('/analytics/query', management.secret, { metrics })).status).toBe(200);
  });

  it('describes itself', async () => {
    const { body } = await ask('/analytics/meta', management.secret);
    expect(body.data.metrics[0]).toEqual({
      name: 'request_count',
      display_label: 'request count',
      is_rate: false,
      display_format: 'number',
    });
    expect(body.data.operators).toContainEqual({ name: 'not_in', value_type: 'array' });
  });
});

describe('inference', () => {
  const usage = {
    prompt_tokens: 1000,
    completion_tokens: 200,
    total_tokens: 1200,
    prompt_tokens_details: { cached_tokens: 100, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 50 },
    cost: 0.00069,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: 0.00069,
      upstream_inference_prompt_cost: 0,
      upstream_inference_completions_cost: 0,
    },
  };

  beforeEach(() =>
    simulator.completeWith({
      promptTokens: 1000,
      completionTokens: 200,
      reasoningTokens: 50,
      cachedTokens: 100,
      text: 'Good day',
    }),
  );

  it('completes a chat, books what it cost, and knows the generation at the second question', async () => {
    const key = account.key();
    const { body, headers } = await ask('/chat/completions', key.secret, say);
    const id = headers.get('x-generation-id');
    expect(body).toMatchObject({
      id,
      object: 'chat.completion',
      model: say.model,
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Good day' } }],
      usage,
    });
    expect((await ask('/key', key.secret)).body.data.usage).toBe(0.00069);
    expect((await ask(`/generation?id=${id}`, key.secret)).status).toBe(404);
    expect((await ask(`/generation?id=${id}`, key.secret)).body.data).toMatchObject({
      id,
      usage: 0.00069,
      total_cost: 0.00069,
      native_tokens_prompt: 1000,
      native_tokens_completion: 200,
      native_tokens_cached: 100,
      native_tokens_reasoning: 50,
      is_byok: false,
      streamed: false,
      cancelled: false,
    });
  });

  it('streams with comments, and tells the usage in a last chunk without choices', async () => {
    const key = account.key();
    const { text, headers } = await ask('/chat/completions', key.secret, { ...say, stream: true });
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect(headers.get('x-generation-id')).toMatch(/^gen-/);
    const events = text.split('\n\n').filter(Boolean);
    expect(events[0]).toBe(': OPENROUTER PROCESSING');
    expect(events.at(-1)).toBe('data: [DONE]');
    const chunks = events.slice(1, -1).map((event) => JSON.parse(event.slice('data: '.length)));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content)).toEqual(['Good ', 'day', '', undefined]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
    expect((await ask('/key', key.secret)).body.data.usage).toBe(0.00069);
  });

  it('breaks off a stream with an error event, status 200', async () => {
    simulator.fail(faults.midStream(2));
    const { status, text } = await ask('/chat/completions', account.key().secret, { ...say, stream: true });
    expect(status).toBe(200);
    const last = JSON.parse(text.trimEnd().split('\n\n').at(-1)!.slice('data: '.length));
    expect(last).toMatchObject({ error: { code: 502, message: string }, choices: [{ finish_reason: 'error' }] });
  });

  it('books BYOK requests apart', async () => {
    simulator.completeWith({ byok: true });
    const key = account.key();
    const { body } = await ask('/chat/completions', key.secret, say);
    expect(body.usage).toMatchObject({ is_byok: true, cost: 0, cost_details: { upstream_inference_cost: 0.00069 } });
    expect((await ask('/key', key.secret)).body.data).toMatchObject({ usage: 0, byok_usage: 0.00069 });
  });

  it.each([
    ['/completions', { prompt: 'Hello' }, { object: 'text_completion', choices: [{ text: 'Good day' }], usage }],
    [
      '/responses',
      { input: 'Hello' },
      {
        object: 'response',
        status: 'completed',
        usage: { input_tokens: 1000, output_tokens: 200, input_tokens_details: { cached_tokens: 100 }, cost: 0.00069 },
      },
    ],
    [
      '/messages',
      { messages: [] },
      {
        type: 'message',
        usage: { input_tokens: 900, cache_read_input_tokens: 100, output_tokens: 200, cost: 0.00069 },
      },
    ],
  ])('answers %s in its own shape', async (path, input, expected) => {
    const { body } = await ask(path, account.key().secret, { model: say.model, ...input });
    expect(body).toMatchObject(expected);
  });

  it('streams /responses and /messages as their makers do', async () => {
    const key = account.key();
    const stream = { model: say.model, input: 'Hello', messages: [], stream: true };
    const names = async (path: string) =>
      [...(await ask(path, key.secret, stream)).text.matchAll(/^event: (.+)$/gm)].map((match) => match[1]);
    expect(await names('/responses')).toEqual([
      'response.created',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect((await names('/messages')).slice(-2)).toEqual(['message_delta', 'message_stop']);
  });

  it('calls a tool that is offered, and says the text once it has the result', async () => {
    const { secret } = account.key();
    simulator.completeWith({ tool: { name: 'weather', arguments: { city: 'Köln' } } });
    const tools = [{ type: 'function', function: { name: 'weather' } }];
    const messages = [{ role: 'user', content: 'Hello' }];
    const { body } = await ask('/chat/completions', secret, { ...say, messages, tools });
    const called = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln"}' } };
    const message = { role: 'assistant', content: null, tool_calls: [called] };
    expect(body).toMatchObject({ choices: [{ finish_reason: 'tool_calls', message }], usage });
    const { text } = await ask('/chat/completions', secret, { ...say, messages, tools, stream: true });
    expect([...text.matchAll(/"arguments":("(?:\\.|[^"])*")/g)].map((match) => JSON.parse(match[1]!)).join('')).toBe(
      called.function.arguments,
    );
    const result = { role: 'tool', tool_call_id: 'call_1', content: '21' };
    const told = await ask('/chat/completions', secret, { ...say, messages: [...messages, message, result], tools });
    expect(told.body).toMatchObject({ choices: [{ finish_reason: 'stop', message: { content: 'Good day' } }] });
    const untold = await ask('/chat/completions', secret, { ...say, messages });
    expect(untold.body).toMatchObject({ choices: [{ message: { content: 'Good day' } }] });
    simulator.completeWith({ tool: undefined });
  });

  it('embeds', async () => {
    const question = { model: 'openai/text-embedding-3-small', input: ['a', 'b'] };
    const { body } = await ask('/embeddings', account.key().secret, question);
    expect(body).toMatchObject({ object: 'list', usage: { prompt_tokens: 1000, total_tokens: 1000, cost: 0.00002 } });
    expect(body.data).toHaveLength(2);
  });

  it('refuses a spent key limit, a spent budget, an empty account and a management key', async () => {
    const capped = account.key({ limit: 1, limitReset: 'daily' });
    capped.spend({ cost: 1 });
    const limited = await ask('/chat/completions', capped.secret, say);
    expect(limited.status).toBe(403);
    expect(limited.body.error.message).toContain('Key limit exceeded (daily limit)');
    simulator.behaviour.keyLimitStatus = 402;
    expect((await ask('/chat/completions', capped.secret, say)).status).toBe(402);
    const budgeted = account.key({ budgets: [{ scope: 'workspace', limit: 0, reset: null }] });
    expect((await ask('/chat/completions', budgeted.secret, say)).body.error.metadata.limit_source).toBe(
      'openrouter_workspace_budget',
    );
    expect((await ask('/chat/completions', management.secret, say)).status).toBe(403);
    const broke = simulator.account({ credits: 0 }).key();
    const unpaid = await ask('/chat/completions', broke.secret, say);
    expect([unpaid.status, unpaid.body.error.metadata.limit_source]).toEqual([402, 'openrouter_credits']);
  });

  it('refuses a model that is not on offer, and lists those that are, prices as texts', async () => {
    expect((await ask('/chat/completions', account.key().secret, { ...say, model: 'no/such' })).status).toBe(400);
    const { body } = await ask('/models');
    expect(body.data[0]).toMatchObject({
      id: 'openai/gpt-4.1-mini',
      canonical_slug: 'openai/gpt-4.1-mini-2025-04-14',
      name: string,
      created: number,
      context_length: number,
      pricing: { prompt: '0.0000004', completion: '0.0000016', input_cache_read: '0.0000001' },
    });
  });
});

describe('faults', () => {
  const status = async (key: SimulatedKey, path = '/key') => (await ask(path, key.secret)).status;

  it('strike the paths, keys and times they are set for', async () => {
    const [one, two] = [account.key(), account.key()];
    simulator.fail(faults.serverError(), { path: '/key', key: one, times: 2 });
    expect([await status(one), await status(two), await status(one), await status(one)]).toEqual([500, 200, 500, 200]);
    const end = simulator.fail(faults.cloudflare(), { path: /^\/k/ });
    expect([await status(one), await status(management, '/keys')]).toEqual([502, 502]);
    end();
    expect(await status(one)).toBe(200);
    simulator.fail(faults.falseUnauthorized());
    expect(await status(one)).toBe(401);
    simulator.heal();
    expect(await status(one)).toBe(200);
  });

  it('carry Retry-After, HTML and redirects', async () => {
    simulator.fail(faults.tooManyRequests(7), { times: 1 });
    expect((await ask('/key')).headers.get('retry-after')).toBe('7');
    simulator.fail(faults.cloudflare(), { times: 1 });
    expect((await ask('/key')).text).toContain('<!DOCTYPE html>');
    simulator.fail(faults.redirect('http://127.0.0.1:1/'), { times: 1 });
    expect((await ask('/key')).status).toBe(302);
  });

  it('cut, change, slow down and break off answers', async () => {
    const { secret } = account.key();
    simulator.fail(faults.brokenJson(), { times: 1 });
    await expect(ask('/key', secret)).rejects.toThrow(SyntaxError);
    simulator.fail(faults.without('usage', 'rate_limit'), { times: 1 });
    expect((await ask('/key', secret)).body.data).not.toHaveProperty('usage');
    simulator.fail(faults.withUnknownFields(), { times: 1 });
    expect((await ask('/key', secret)).body.data).toHaveProperty('a_new_field');
    simulator.fail(faults.slow(50), { times: 1 });
    expect((await ask('/key', secret)).status).toBe(200);
    simulator.fail(faults.reset(), { times: 1 });
    await expect(ask('/key', secret)).rejects.toThrow('fetch failed');
  });

  it.each([faults.hang(), faults.stall()])('keep a caller waiting for ever ($kind)', async (fault) => {
    simulator.fail(fault, { times: 1 });
    await expect(ask('/key', account.key().secret, undefined, 500)).rejects.toThrow(/timeout/);
  });
});

describe('the simulator', () => {
  it('and the service know nothing of each other', () => {
    const filesOf = (folder: string) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.tsx?$/.test(path))
        .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
    expect(filesOf('src').filter(({ text }) => /simulator/i.test(text))).toEqual([]);
    expect(filesOf('test/simulator').filter(({ text }) => /from '[./]*\/src\//.test(text))).toEqual([]);
  });
});

describe('the log of calls', () => {
  it('tells who asked what and when', async () => {
    const key = account.key({ name: 'Blog' });
    await ask('/activity?date=2026-06-11', key.secret);
    expect(simulator.calls).toMatchObject([
      {
        method: 'GET',
        path: '/activity',
        query: { date: '2026-06-11' },
        keyName: 'Blog',
        keyLabel: key.label,
        at: new Date(NOW),
        status: 403,
      },
    ]);
    expect(simulator.callsTo('/key')).toEqual([]);
  });
});
