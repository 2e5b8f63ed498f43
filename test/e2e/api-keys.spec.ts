import { SqlEntityManager } from '@mikro-orm/sql';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../fakes/clock.fixed.ts';
import type { SimulatedAccount } from '../simulator/account.ts';
import { faults } from '../simulator/faults.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

const UNKNOWN_KEY = `sk-or-v1-${'0'.repeat(64)}`;

interface Shown {
  id: number;
  name: string;
  status: string;
  [field: string]: unknown;
}

describe.each(DIALECTS)('OpenRouter keys on %s', (dialect) => {
  let app: TestApp;
  let clock: FixedClock;
  let simulator: Simulator;
  let account: SimulatedAccount;
  let ada: Person;
  let bob: Person;
  beforeEach(async () => {
    clock = new FixedClock();
    simulator = await startSimulator({ now: () => clock.now() });
    account = simulator.account();
    app = await startApp({ dialect, clock, env: { OPENROUTER_BASE_URL: simulator.url } });
    [ada, bob] = [await newPerson(app, 'ada@example.org'), await newPerson(app, 'bob@example.org')];
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await simulator.close();
  });

  const as = (person: Person) => ({ Authorization: `Bearer ${person.jwt}` });
  const post = (person: Person, path: string, body?: object | string) =>
    request(app.url).post(path).set(as(person)).send(body);
  const get = (person: Person, path: string) => request(app.url).get(path).set(as(person));
  const put = (person: Person, id: number, body?: object) =>
    request(app.url).put(`/api/keys/${id}`).set(as(person)).send(body);
  const remove = (person: Person, id: number) => request(app.url).delete(`/api/keys/${id}`).set(as(person));
  const validate = (person: Person, id: number) => post(person, `/api/keys/${id}/validate`);
  const sql = <T = Record<string, unknown>>(query: string) =>
    app.nest.get(SqlEntityManager, { strict: false }).fork().execute<T[]>(query);

  async function add(person: Person, name: string, key: string): Promise<Shown> {
    const { body } = await post(person, '/api/keys', { name, key }).expect(201);
    return body as Shown;
  }

  it('are added, shown, changed and removed, and their value never leaves', async () => {
    const key = account.key({ limit: 10, limitReset: 'monthly', expiresAt: '2027-01-01T00:00:00Z' });
    key.spend({ cost: '0.123456789' });
    const added = await post(ada, '/api/keys', { name: ' Website ', key: ` “${key.secret}” \n` }).expect(201);
    expect(added.headers['cache-control']).toBe('no-store');
    const shown = {
      id: 1,
      name: 'Website',
      label: key.label,
      kind: 'standard',
      status: 'valid',
      status_detail: null,
      is_active: true,
      limit: 10,
      limit_remaining: 9.876543211,
      limit_reset: 'monthly',
      expires_at: '2027-01-01T00:00:00.000Z',
      usage_total: 0.123456789,
      created_at: '2026-06-15T12:00:00.000Z',
      last_validated_at: '2026-06-15T12:00:00.000Z',
      last_synced_at: null,
    };
    expect(added.body).toEqual(shown);
    expect(added.text).toContain('"usage_total":0.123456789');
    expect((await get(ada, '/api/keys/1').expect(200)).body).toEqual(shown);
    expect((await get(ada, '/api/keys').expect(200)).body).toEqual({ items: [shown], total: 1, skip: 0, limit: 100 });

    const changed = await put(ada, 1, { name: 'Shop', is_active: false }).expect(200);
    expect(changed.body).toEqual({ ...shown, name: 'Shop', is_active: false });

    const everything = JSON.stringify([added.text, changed.text, await sql('select * from audit_events'), app.logs]);
    expect(everything).not.toContain(key.secret.slice(12, 24));

    await remove(ada, 1).expect(204);
    await get(ada, '/api/keys/1').expect(404);
    await remove(ada, 1).expect(404);
    const deeds = await sql<{ action: string; target: string }>('select action, target from audit_events order by id');
    expect(deeds.map(({ action, target }) => `${action} ${target}`)).toEqual([
      'key.added key:1',
      'key.changed key:1',
      'key.removed key:1',
    ]);
  });

  it('lie in the database as ciphertext, each bound to its row', async () => {
    const [one, two, three] = [account.key(), account.key(), account.key()];
    for (const { secret, name } of [one, two, three]) await add(ada, name, secret);
    await put(ada, 3, { key: two.secret }).expect(400);

    const rows = await sql<{ sealed_secret: string }>('select * from api_keys order by id');
    for (const key of [one, two, three]) expect(JSON.stringify(rows)).not.toContain(key.secret.slice(9, 30));
    const sealed = rows.map(({ sealed_secret }) => sealed_secret);
    for (const text of sealed) expect(text).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{120,}$/);
    const nonces = sealed.map((text) => text.split('.')[2]!.slice(0, 16));
    expect(new Set(nonces).size).toBe(3);

    // Somebody with access to the database swaps two of them.
    await sql(`update api_keys set sealed_secret = '${sealed[1]}' where id = 1`);
    await sql(`update api_keys set sealed_secret = '${sealed[0]}' where id = 2`);
    const callsBefore = simulator.calls.length;
    for (const id of [1, 2]) {
      const { body } = await validate(ada, id).expect(503);
      expect(body).toMatchObject({ code: 'secret_unreadable', status: 503 });
    }
    expect(simulator.calls.length).toBe(callsBefore);
    const alarms = app.logs.filter((line) => line.includes('secret_unreadable'));
    expect(alarms.map((line) => (JSON.parse(line) as { api_key_id: number }).api_key_id)).toEqual([1, 2]);
    expect(await validate(ada, 3).expect(200)).toMatchObject({ body: { status: 'valid' } });
    expect((await get(ada, '/api/keys').expect(200)).body).toMatchObject({ total: 3 });

    // One of them is changed by a bit.
    const flipped = sealed[2]!.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    await sql(`update api_keys set sealed_secret = '${flipped}' where id = 3`);
    await validate(ada, 3).expect(503);

    // Entering the key again heals it.
    await put(ada, 1, { key: one.secret }).expect(200);
    await validate(ada, 1).expect(200);
  });

  it('that OpenRouter refuses are refused, those it cannot judge are kept', async () => {
    const refused = await post(ada, '/api/keys', { name: 'Typo', key: UNKNOWN_KEY }).expect(422);
    expect(refused.body).toMatchObject({ code: 'validation_failed', errors: [{ field: 'key' }] });
    const expired = await post(ada, '/api/keys', {
      name: 'Old',
      key: account.key({ expiresAt: '2026-01-01T00:00:00Z' }).secret,
    }).expect(422);
    expect((expired.body as { detail: string }).detail).toContain('expired');
    await post(ada, '/api/keys', { name: 'Off', key: account.key({ disabled: true }).secret }).expect(422);
    expect(await sql('select * from api_keys')).toEqual([]);

    for (const [fault, status] of [
      [faults.serverError(), 'unverified'],
      [faults.tooManyRequests(), 'unverified'],
      [faults.cloudflare(), 'unverified'],
      [faults.reset(), 'unverified'],
      [faults.brokenJson(), 'unverified'],
      [faults.addressNotAllowed(), 'blocked'],
      [faults.noCredit(), 'limit_reached'],
    ] as const) {
      const end = simulator.fail(fault);
      expect(await add(ada, 'Who knows', account.key().secret)).toMatchObject({ status, is_active: true });
      end();
    }
  });

  it('are kept when OpenRouter does not answer at all', async () => {
    const env = { OPENROUTER_BASE_URL: simulator.url, OPENROUTER_TIMEOUT_MS: '500' };
    await using hasty = await startApp({ databaseUrl: app.config.DATABASE_URL, clock, env });
    simulator.fail(faults.hang());
    const sent = { name: 'Who knows', key: account.key().secret };
    const { body } = await request(hasty.url).post('/api/keys').set(as(ada)).send(sent).expect(201);
    expect(body).toMatchObject({ status: 'unverified', is_active: true });
  });

  it('show every state that OpenRouter tells of', async () => {
    const states = {
      'No limit': [account.key(), 'valid', 'standard'],
      Boss: [account.managementKey(), 'valid', 'management'],
      Spent: [account.key({ limit: 1, limitReset: 'daily' }), 'limit_reached', 'standard'],
      Soon: [account.key({ expiresAt: '2026-06-20T00:00:00Z' }), 'expiring', 'standard'],
    } as const;
    states.Spent[0].spend({ cost: 2 });
    for (const [name, [key, status, kind]] of Object.entries(states)) {
      expect(await add(ada, name, key.secret)).toMatchObject({ status, kind, is_active: true });
    }
  });

  it('are at most ten for each user, counted exactly when many come at once', async () => {
    const keys = Array.from({ length: 20 }, () => account.key());
    const answers = await Promise.all(keys.map(({ name, secret }) => post(ada, '/api/keys', { name, key: secret })));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([...Array<number>(10).fill(201), ...Array<number>(10).fill(400)]);
    expect(answers.filter(({ status }) => status === 400).map(({ body }) => (body as { code: string }).code)).toEqual(
      Array(10).fill('key_limit_reached'),
    );
    expect((await get(ada, '/api/keys')).body).toMatchObject({ total: 10 });

    const more = account.key();
    const callsBefore = simulator.calls.length;
    await post(ada, '/api/keys', { name: 'More', key: more.secret }).expect(400);
    expect(simulator.calls.length).toBe(callsBefore);
    await add(bob, 'Not her limit', more.secret);

    const [{ id }] = await sql<{ id: number }>('select min(id) as id from api_keys').then(
      (rows) => rows as [{ id: number }],
    );
    await remove(ada, Number(id)).expect(204);
    await add(ada, 'One more', account.key().secret);
    await post(ada, '/api/keys', { name: 'Another', key: account.key().secret }).expect(400);
  });

  it('are kept once per user, even when the same one comes many times at once', async () => {
    const { secret } = account.key();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => post(ada, '/api/keys', { name: `Copy ${index}`, key: `"${secret}"` })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refusals = answers.filter(({ status }) => status === 400).map(({ body }) => (body as { code: string }).code);
    expect(refusals).toEqual(Array(7).fill('key_already_registered'));
    await add(bob, 'His', secret);
  });

  it('belong to their owner alone', async () => {
    const { id } = await add(ada, 'Hers', account.key().secret);
    const before = await sql('select * from api_keys');
    const strangers = [
      () => get(bob, `/api/keys/${id}`),
      () => put(bob, id, { name: 'Mine' }),
      () => put(bob, id, { key: UNKNOWN_KEY }),
      () => validate(bob, id),
      () => remove(bob, id),
    ];
    for (const attempt of strangers) {
      const { body } = await attempt().expect(403);
      expect(body).toMatchObject({ code: 'forbidden' });
    }
    expect(await sql('select * from api_keys')).toEqual(before);
    expect((await get(bob, '/api/keys').expect(200)).body).toMatchObject({ items: [], total: 0 });
    for (const unknown of ['999', '0', '-1', 'x', '99999999999']) {
      await get(ada, `/api/keys/${unknown}`).expect(404);
      await request(app.url).put(`/api/keys/${unknown}`).set(as(ada)).send({ name: 'x' }).expect(404);
      await request(app.url).delete(`/api/keys/${unknown}`).set(as(ada)).expect(404);
      await post(ada, `/api/keys/${unknown}/validate`).expect(404);
    }
    for (const path of ['/api/keys', `/api/keys/${id}`]) await request(app.url).get(path).expect(401);
  });

  it('refuse what is malformed, by field', async () => {
    const { id } = await add(ada, 'Key', account.key().secret);
    const bodies: [object | undefined, string][] = [
      [undefined, 'name'],
      [{}, 'name'],
      [{ name: 'No key' }, 'key'],
      [{ name: '', key: 'x' }, 'name'],
      [{ name: '   ', key: 'x' }, 'name'],
      [{ name: 'n'.repeat(101), key: 'x' }, 'name'],
      [{ name: 'two\nlines', key: 'x' }, 'name'],
      [{ name: 'nul\u0000', key: 'x' }, 'name'],
      [{ name: 7, key: 'x' }, 'name'],
      [{ name: null, key: 'x' }, 'name'],
      [{ name: 'n', key: '' }, 'key'],
      [{ name: 'n', key: ' "" ' }, 'key'],
      [{ name: 'n', key: 'k'.repeat(1025) }, 'key'],
      [{ name: 'n', key: `${' '.repeat(30_000)}a${' '.repeat(30_000)}b` }, 'key'],
      [{ name: 'n', key: 'two words' }, 'key'],
      [{ name: 'n', key: { $ne: 1 } }, 'key'],
      [{ name: 'n', key: 'x', user_id: 2 }, 'user_id'],
      [{ name: 'n', key: 'x', status: 'valid' }, 'status'],
    ];
    for (const [sent, field] of bodies) {
      const { body } = await post(ada, '/api/keys', sent).expect(422);
      expect((body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field);
    }
    const changes: [object | undefined, string][] = [
      [undefined, 'name'],
      [{}, 'name'],
      [{ name: null }, 'name'],
      [{ name: '' }, 'name'],
      [{ is_active: null }, 'is_active'],
      [{ is_active: 'false' }, 'is_active'],
      [{ key: null }, 'key'],
      [{ key: '' }, 'key'],
      [{ id: 7 }, 'id'],
      [{ name: 'n', kind: 'management' }, 'kind'],
    ];
    for (const [sent, field] of changes) {
      const { body } = await put(ada, id, sent).expect(422);
      expect((body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field);
    }
    const queries = [
      'skip=-1',
      'skip=x',
      'limit=0',
      'limit=101',
      'limit=1.5',
      'sort=id',
      'sort=',
      'order=up',
      'page=1',
    ];
    for (const query of [...queries, 'limit=5&limit=6', 'skip=99999999999999999999', 'sort=name;drop']) {
      await get(ada, `/api/keys?${query}`).expect(422);
    }
    expect((await get(ada, '/api/keys')).body).toMatchObject({ total: 1, items: [{ name: 'Key' }] });
  });

  it('are listed page by page, in the order that is asked for', async () => {
    for (const [index, name] of ['delta', 'Alpha', 'charlie', 'Bravo'].entries()) {
      const key = account.key();
      key.spend({ cost: (index * 7) % 4 });
      await add(ada, name, key.secret);
      clock.advance(1);
    }
    const names = async (query: string) => {
      const { body } = await get(ada, `/api/keys?${query}`).expect(200);
      return (body as { items: Shown[] }).items.map(({ name }) => name);
    };
    expect(await names('')).toEqual(['Bravo', 'charlie', 'Alpha', 'delta']);
    expect(await names('sort=created_at&order=asc')).toEqual(['delta', 'Alpha', 'charlie', 'Bravo']);
    expect(await names('sort=name&order=asc')).toEqual(['Alpha', 'Bravo', 'charlie', 'delta']);
    expect(await names('sort=total_cost&order=desc')).toEqual(['Alpha', 'charlie', 'Bravo', 'delta']);
    expect(await names('sort=last_used_at&order=asc')).toEqual(['delta', 'Alpha', 'charlie', 'Bravo']);
    expect(await names('sort=name')).toEqual(['Alpha', 'Bravo', 'charlie', 'delta']);
    expect(await names('sort=name&order=asc&skip=1&limit=2')).toEqual(['Bravo', 'charlie']);
    expect((await get(ada, '/api/keys?skip=3&limit=2')).body).toMatchObject({ total: 4, skip: 3, limit: 2 });
  });

  it('follow what happens at OpenRouter when they are checked', async () => {
    const key = account.key({ limit: 5, limitReset: 'daily' });
    const { id } = await add(ada, 'Key', key.secret);

    key.spend({ cost: 5 });
    clock.advance(3600);
    expect((await validate(ada, id).expect(200)).body).toMatchObject({
      status: 'limit_reached',
      limit_remaining: 0,
      is_active: true,
      last_validated_at: '2026-06-15T13:00:00.000Z',
    });

    simulator.fail(faults.serverError());
    clock.advance(3600);
    expect((await validate(ada, id).expect(200)).body).toMatchObject({
      status: 'limit_reached',
      last_validated_at: '2026-06-15T13:00:00.000Z',
    });
    simulator.heal();

    simulator.fail(faults.falseUnauthorized(), { times: 1 });
    expect((await validate(ada, id).expect(200)).body).toMatchObject({ status: 'limit_reached', is_active: true });

    key.disable();
    expect((await validate(ada, id).expect(200)).body).toMatchObject({ status: 'rejected', is_active: false });
    expect((await put(ada, id, { is_active: true }).expect(200)).body).toMatchObject({ is_active: false });

    simulator.fail(faults.addressNotAllowed(), { times: 1 });
    expect((await validate(ada, id).expect(200)).body).toMatchObject({ status: 'rejected', is_active: false });

    key.enable();
    clock.set('2026-06-16T00:00:00.000Z');
    const back = await validate(ada, id).expect(200);
    expect(back.body).toMatchObject({ status: 'valid', is_active: true, limit_remaining: 5, status_detail: null });

    key.expire();
    expect((await validate(ada, id).expect(200)).body).toMatchObject({ status: 'expired', is_active: false });
  });

  it('get another secret', async () => {
    const [old, next] = [account.key(), account.key({ limit: 3 })];
    old.spend({ cost: 2 });
    const { id } = await add(ada, 'Key', old.secret);
    old.disable();
    await validate(ada, id).expect(200);
    await put(ada, id, { key: UNKNOWN_KEY }).expect(422);
    expect((await put(ada, id, { key: next.secret }).expect(200)).body).toMatchObject({
      id,
      name: 'Key',
      label: next.label,
      status: 'valid',
      limit: 3,
      usage_total: 0,
      is_active: true,
    });
    old.enable();
    expect(await add(ada, 'The old one, for something else', old.secret)).toMatchObject({ usage_total: 2 });
  });

  it('that are discovered have no secret until their owner enters it', async () => {
    const key = account.key();
    key.spend({ cost: 2 });
    const row = `'Found', 'discovered', 'valid', true, '${key.label}', '${key.hash}', 2000000000`;
    const now = dialect === 'sqlite' ? String(clock.now().getTime()) : `'${clock.now().toISOString()}'`;
    await sql(
      `insert into api_keys (user_id, name, kind, status, is_switched_on, label, open_router_hash, usage_total_nanos, created_at)
       values (${ada.id}, ${row}, ${now})`,
    );
    const { body } = await get(ada, '/api/keys').expect(200);
    const [found] = (body as { items: Shown[] }).items as [Shown];
    expect(found).toMatchObject({ kind: 'discovered', usage_total: 2 });
    const refused = await validate(ada, found.id).expect(400);
    expect(refused.body).toMatchObject({ code: 'no_secret' });

    await put(ada, found.id, { key: account.key().secret }).expect(422);
    key.spend({ cost: 1 });
    const added = await add(ada, 'Mine', key.secret);
    expect(added).toMatchObject({ id: found.id, name: 'Mine', kind: 'standard', usage_total: 3 });
    expect((await get(ada, '/api/keys')).body).toMatchObject({ total: 1 });
    await validate(ada, found.id).expect(200);
  });

  it('take their usage with them when they go', async () => {
    const { id } = await add(ada, 'Key', account.key().secret);
    await sql(
      `insert into usage_days (user_id, api_key_id, date, model, requests, tokens_input, tokens_output, cost_nanos, byok_cost_nanos)
       values (${ada.id}, ${id}, '2026-06-14', 'openai/gpt-4.1', 1, 1, 1, 1, 0)`,
    );
    await remove(ada, id).expect(204);
    expect(await sql('select * from usage_days')).toEqual([]);
  });

  it('are not changed by an answer about a secret that was replaced meanwhile', async () => {
    const [old, next] = [account.key(), account.key()];
    const { id } = await add(ada, 'Key', old.secret);
    old.delete();
    const answered = Promise.withResolvers<void>();
    simulator.fail(faults.held(answered.promise), { key: old, path: '/key' });
    const checked = validate(ada, id).then(({ status }) => status);
    await expect.poll(() => simulator.calls.length).toBe(2);
    await put(ada, id, { key: next.secret }).expect(200);
    answered.resolve();
    expect(await checked).toBe(409);
    expect((await get(ada, `/api/keys/${id}`)).body).toMatchObject({ status: 'valid', label: next.label });
  });
});
