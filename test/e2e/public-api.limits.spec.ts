import { randomUUID } from 'node:crypto';
import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, describe, expect, it } from 'vitest';
import { newTokenText } from '../../src/tokens/token-text.js';
import { TokenUses } from '../../src/tokens/token-uses.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { sendRaw } from '../support/raw.ts';
import { startApp, type TestApp, type TestAppOptions } from '../support/app.ts';
import { newDatabase } from '../support/database.ts';
import { newPerson, type Person } from '../support/people.ts';
import { processTimeOf } from '../support/process-time.ts';
import { DIALECTS } from '../support/services.ts';

const USUAL = {
  RATE_LIMIT_REQUESTS: '100',
  RATE_LIMIT_WINDOW: '3600',
  RATE_LIMIT_IP_REQUESTS: '30',
  RATE_LIMIT_IP_WINDOW: '60',
};

interface IssuedToken {
  id: number;
  token: string;
}

describe.each(DIALECTS)('who may call the public API, and how often, on %s', (dialect) => {
  const started: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const thing of started.splice(0).toReversed()) await thing[Symbol.asyncDispose]();
  });

  async function start(options: TestAppOptions = {}): Promise<TestApp> {
    const app = await startApp({ dialect, env: USUAL, ...options });
    started.push(app);
    return app;
  }

  async function newToken(app: TestApp, person: Person, body: object = { name: 'grafana' }): Promise<IssuedToken> {
    const headers = { Authorization: `Bearer ${person.jwt}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${app.url}/api/tokens`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(201);
    return (await answer.json()) as IssuedToken;
  }

  async function withToken(options: TestAppOptions = {}) {
    const clock = new FixedClock();
    const app = await start({ clock, ...options });
    const ada = await newPerson(app);
    return { app, clock, ada, ...(await newToken(app, ada)) };
  }

  const call = (app: TestApp, token?: string, path = '/keys', headers: Record<string, string> = {}) =>
    fetch(`${app.url}/api/v1${path}`, { headers: { ...(token && { Authorization: `Bearer ${token}` }), ...headers } });
  const revoke = (app: TestApp, { jwt }: Person, id: number) =>
    fetch(`${app.url}/api/tokens/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${jwt}` } });
  const calls = (count: number, one: () => Promise<Response>) => Promise.all(Array.from({ length: count }, one));
  const statuses = (answers: Response[]) => Object.groupBy(answers, ({ status }) => String(status));
  const allowance = ({ headers }: Response) =>
    ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'Retry-After'].map((name) => headers.get(name));
  const sql = (app: TestApp, query: string) =>
    app.nest.get(SqlEntityManager, { strict: false }).fork().execute<Record<string, unknown>[]>(query);

  it('allows exactly 100 of 300 calls at once with one token, and 100 more when the window has ended', async () => {
    const { app, clock, ada, token } = await withToken();
    const { 200: good, 429: refused } = statuses(await calls(300, () => call(app, token)));
    expect([good?.length, refused?.length]).toEqual([100, 200]);
    const rests = good!.map((answer) => Number(answer.headers.get('X-RateLimit-Remaining')));
    expect(rests.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, rest) => rest));
    for (const answer of good!) expect(allowance(answer)).toEqual(['100', expect.any(String), '3600', null]);
    for (const answer of refused!) expect(allowance(answer)).toEqual(['100', '0', '3600', '3600']);
    expect(await refused![0]!.json()).toMatchObject({ status: 429, code: 'rate_limited' });

    clock.advance(3599);
    expect(allowance(await call(app, token))).toEqual(['100', '0', '1', '1']);
    const other = await newToken(app, ada);
    expect(allowance(await call(app, other.token))).toEqual(['100', '99', '3600', null]);
    clock.advance(1);
    expect(allowance(await call(app, token, '/stats'))).toEqual(['100', '99', '3600', null]);
  });

  it('counts all routes, refused questions and unknown addresses together, and says on each what is left', async () => {
    const { app, token } = await withToken();
    const asked = [
      ['/stats', 200],
      ['/usage', 422],
      ['/keys', 200],
      ['/nothing/here', 404],
      ['', 404],
      ['/keys/1', 404],
      ['/stats?start_date=never', 422],
    ] as const;
    for (const [index, [path, status]] of asked.entries()) {
      const answer = await call(app, token, path);
      expect([path, answer.status]).toEqual([path, status]);
      expect(allowance(answer)).toEqual(['100', String(99 - index), '3600', null]);
    }
    const posted = await fetch(`${app.url}/api/v1/keys`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });
    expect([posted.status, ...allowance(posted)]).toEqual([405, '100', '92', '3600', null]);
    const unknown = await call(app, undefined, '/nothing/here');
    expect([unknown.status, ...allowance(unknown)]).toEqual([401, '30', '29', '60', null]);
  });

  it('allows exactly 30 calls a minute without a token that works, whatever they bring', async () => {
    const { app, clock, token } = await withToken();
    let guesses = 0;
    const garbage = () => ['', 'nonsense', newTokenText(), `or_api_${'0'.repeat(49)}`][guesses++ % 4];
    const spoofed = () => ({
      'X-Forwarded-For': `203.0.113.${guesses % 250}`,
      'X-Real-IP': '1.2.3.4',
    });
    const answers = statuses(await calls(100, () => call(app, garbage(), '/keys', spoofed())));
    expect([answers[401]?.length, answers[429]?.length]).toEqual([30, 70]);
    for (const answer of answers[429]!) expect(allowance(answer)).toEqual(['30', '0', '60', '60']);

    expect((await call(app, token)).status).toBe(200);
    clock.advance(60);
    expect(allowance(await call(app))).toEqual(['30', '29', '60', null]);
  });

  it('#59 tells what is left also where nobody has asked for the token yet', async () => {
    const { app, token } = await withToken();
    const post = (body: string) =>
      fetch(`${app.url}/api/v1/keys`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body,
      });
    const twice = ['Authorization: Bearer a', 'Authorization: Bearer b'];
    const [ambiguous] = await sendRaw(app.url, 'GET /api/v1/keys HTTP/1.1', 'Host: x', ...twice, '', '');
    expect([ambiguous?.status, ambiguous?.headers['x-ratelimit-remaining']]).toEqual([400, '29']);
    for (const [body, status, left] of [
      ['{', 400, '28'],
      [' '.repeat(100_000), 413, '27'],
    ] as const) {
      const answer = await post(body);
      expect([answer.status, ...allowance(answer)]).toEqual([status, '30', left, '60', null]);
    }
  });

  it('counts addresses that a trusted proxy names, IPv6 by network', async () => {
    const { app } = await withToken({ env: { ...USUAL, TRUST_PROXY: '127.0.0.1' } });
    const from = (address: string) => call(app, undefined, '/keys', { 'X-Forwarded-For': address });
    await calls(30, () => from('203.0.113.7'));
    expect((await from('203.0.113.7')).status).toBe(429);
    expect((await from('198.51.100.1, 203.0.113.7')).status).toBe(429);
    expect((await from('203.0.113.8')).status).toBe(401);
    let host = 0;
    await calls(30, () => from(`2001:db8:1:2:${(host += 1_000).toString(16)}::1`));
    expect((await from('2001:db8:1:2:ffff::9')).status).toBe(429);
    expect((await from('2001:db8:1:3::1')).status).toBe(401);
  });

  it('does not look up invented tokens without end, yet knows the one that works', async () => {
    const { app, token } = await withToken({ env: { ...USUAL, RATE_LIMIT_IP_REQUESTS: '2' } });
    expect((await call(app, token)).status).toBe(200);
    const late = await newToken(app, await newPerson(app));
    for (let guess = 0; guess < 20; guess++) await call(app, newTokenText());
    expect((await call(app, token)).status).toBe(200);
    expect((await call(app, late.token)).status).toBe(429);
  });

  it('answers the same to every token that does not work, from the moment it does not', async () => {
    const { app, clock, ada, token, id } = await withToken();
    const expiring = await newToken(app, ada, { name: 'short', expires_at: '2026-06-15T12:00:30Z' });
    const bob = await newPerson(app);
    const bobs = await newToken(app, bob);
    for (const works of [token, expiring.token, bobs.token]) expect((await call(app, works)).status).toBe(200);

    expect((await revoke(app, ada, id)).status).toBe(204);
    await sql(app, `update users set is_active = false where id = ${bob.id}`);
    clock.advance(30);
    const typo = token.slice(0, -1) + (token.endsWith('x') ? 'y' : 'x');
    const dead = [
      token,
      expiring.token,
      bobs.token,
      newTokenText(),
      typo,
      `${token}x`,
      ada.jwt,
      'sk-auto-x',
      randomUUID(),
    ];
    const bodies = new Set<string>();
    for (const text of [undefined, ...dead]) {
      const answer = await call(app, text);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer');
      bodies.add(await answer.text());
    }
    expect([...bodies]).toHaveLength(1);
    await sql(app, `delete from users where id = ${ada.id}`);
    expect((await call(app, token)).status).toBe(401);
  });

  it('is the same for an instance that has just let the token in', async () => {
    await using database = await newDatabase(dialect);
    const clock = new FixedClock();
    const [one, other] = [
      await start({ databaseUrl: database.url, clock }),
      await start({ databaseUrl: database.url, clock }),
    ];
    const ada = await newPerson(one);
    const { token, id } = await newToken(one, ada);
    expect((await call(other, token)).status).toBe(200);
    expect((await revoke(one, ada, id)).status).toBe(204);
    expect((await call(other, token)).status).toBe(401);
    for (const app of started.splice(0)) await app[Symbol.asyncDispose]();
  });

  it('takes a token from the header alone and tells nobody about it', async () => {
    const { app, ada, token } = await withToken();
    expect((await call(app, undefined, `/keys?token=${token}&access_token=${token}`)).status).toBe(401);
    const texts = [
      await (await call(app, undefined, `/${token}`)).text(),
      await (await call(app, token, `/${token}`)).text(),
      await (await call(app, token, `/stats?${token}=1`)).text(),
      await (await call(app, token, `/stats?start_date=${token}`)).text(),
      await (await revoke(app, ada, 1)).text(),
    ];
    await (await call(app, token)).text();
    expect([...texts, ...app.logs].filter((text) => text.includes(token.slice(12)))).toEqual([]);
    expect(app.logs.length).toBeGreaterThan(5);
  });

  it('shows when a token was last used within two seconds', async () => {
    const app = await start({ clock: undefined });
    const ada = await newPerson(app);
    const { token } = await newToken(app, ada);
    const before = Date.now();
    await calls(5, () => call(app, token, '/usage'));
    const lastUse = async () => {
      const answer = await fetch(`${app.url}/api/tokens`, { headers: { Authorization: `Bearer ${ada.jwt}` } });
      const [listed] = (await answer.json()) as [{ last_used_at: string | null }];
      return Date.parse(listed.last_used_at ?? '');
    };
    const taken = await processTimeOf(async () => {
      await expect.poll(lastUse).toBeGreaterThanOrEqual(before);
    });
    // PostgreSQL is a process of its own, which answers late on a busy machine.
    expect(taken).toBeLessThan(dialect === 'sqlite' ? 2_000 : 10_000);
  });

  it('stores the last use of many calls once, forward only, and what is left when the service stops', async () => {
    await using database = await newDatabase(dialect);
    const clock = new FixedClock();
    const app = await start({ databaseUrl: database.url, clock });
    const { token } = await newToken(app, await newPerson(app));
    const uses = app.nest.get(TokenUses, { strict: false });
    const stored = async (at: TestApp) => {
      const [row] = await sql(at, 'select last_used_at from api_tokens');
      return new Date(row!.last_used_at as string).toISOString();
    };
    await calls(20, () => call(app, token));
    await uses.store();
    expect(await stored(app)).toBe('2026-06-15T12:00:00.000Z');

    clock.set('2026-06-15T11:00:00.000Z');
    await call(app, token);
    await uses.store();
    expect(await stored(app)).toBe('2026-06-15T12:00:00.000Z');

    clock.set('2026-06-15T12:00:05.250Z');
    await call(app, token);
    started.splice(started.indexOf(app), 1);
    await app[Symbol.asyncDispose]();
    const next = await start({ databaseUrl: database.url, clock });
    expect(await stored(next)).toBe('2026-06-15T12:00:05.250Z');
    for (const thing of started.splice(0)) await thing[Symbol.asyncDispose]();
  });
});
