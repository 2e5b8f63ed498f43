import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { User } from '../../src/auth/accounts/user.entity.js';
import { MikroRequestLogRepository } from '../../src/gateway/request-logs/request-log.repository.mikro.js';
import { startApp } from '../support/app.ts';
import { runCli, spawnCli } from '../support/cli.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { contentOf, inhabit, onDatabase } from '../support/inhabitants.ts';
import { SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { DIALECTS, type Dialect, POSTGRES_URL } from '../support/services.ts';
import { SteadyTraffic } from '../support/steady-traffic.ts';

const KEY = Buffer.from(SERVICE_ENVIRONMENT.ENCRYPTION_KEY, 'base64url');
const JOURNEYS = DIALECTS.flatMap((from) => DIALECTS.map((to) => [from, to] as const));
/** The log is counted anew when it is restored. */
const logPage = (url: string) =>
  onDatabase(url, async (orm) => {
    const logs = new MikroRequestLogRepository(orm.em.fork() as SqlEntityManager);
    const filter = { clientKeyId: null, upstreamId: 1, statusCode: 200, model: null, from: null, to: null };
    const { items, total } = await logs.page(filter, 2, 4);
    expect(total).toBe(6);
    return items.map(({ id, createdAt }) => [id, createdAt]);
  });
/** A restore is recorded itself. */
const AUDIT = ['audit_events', 'audit_head'];

describe('a backup', () => {
  let folder: string;
  let file: string;
  let databases: TestDatabase[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    file = join(folder, 'monitor.backup');
    databases = [];
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    for (const database of databases) await database[Symbol.asyncDispose]();
  });

  async function empty(dialect: Dialect = 'sqlite') {
    const database = await newDatabase(dialect);
    databases.push(database);
    return { DATABASE_URL: database.url };
  }
  /** A database that the service has run on, with `keys` keys in it. */
  async function inhabited(dialect: Dialect = 'sqlite', keys = 3) {
    const at = await empty(dialect);
    await (await startApp({ databaseUrl: at.DATABASE_URL }))[Symbol.asyncDispose]();
    await inhabit(at.DATABASE_URL, KEY, keys);
    return at;
  }
  const lines = () => gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');

  it.each(JOURNEYS)('of %s is the same database again on %s', async (from, to) => {
    const source = await inhabited(from, 1_201);
    const taken = await runCli(['backup', file], source);
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(taken.stdout).toMatch(/^\S+ holds \d+ rows of \d+ tables\.\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['monitor.backup']);

    const target = await empty(to);
    expect(await runCli(['restore', file], target)).toMatchObject({ code: 0, stderr: '' });
    const [before, after] = [await contentOf(source.DATABASE_URL, AUDIT), await contentOf(target.DATABASE_URL, AUDIT)];
    expect(after).toEqual(before);
    expect(after.api_keys).toHaveLength(1_201);
    expect(after.request_logs).toHaveLength(6);
    expect(await logPage(target.DATABASE_URL)).toEqual(await logPage(source.DATABASE_URL));
    expect(await runCli(['audit:verify'], target)).toMatchObject({ code: 0 });
    await onDatabase(target.DATABASE_URL, async (orm) => {
      const user = new User('eve@example.org', 'eve@example.org', 'no password', new Date());
      await orm.em.fork().persist(user).flush();
      expect(user.id).toBe(2);
    });
  });

  it('names its version and the id of its encryption key, and holds no key', async () => {
    await runCli(['backup', file], await inhabited());
    const [header, ...rest] = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(header).toMatchObject({
      format: 'openrouter-monitor-backup',
      version: 1,
      database: 'sqlite',
      encryption_key_id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
    });
    expect(rest.at(-1)).toMatchObject({ rows: { users: 1, api_keys: 3 }, sha256: expect.any(String) as string });
    expect(lines().join('\n')).not.toMatch(/sk-or-v1/);
    expect(lines().join('\n')).not.toContain(SERVICE_ENVIRONMENT.ENCRYPTION_KEY);
  });

  it('never overwrites a file, and leaves none behind when it fails', async () => {
    const source = await inhabited();
    writeFileSync(file, 'precious');
    expect(await runCli(['backup', file], source)).toMatchObject({ code: 1, stdout: '' });
    expect(readFileSync(file, 'utf8')).toBe('precious');
    const nowhere = await runCli(['backup', join(folder, 'none', 'file')], source);
    expect(nowhere).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^[^\n]+cannot be written[^\n]+\n$/) as string,
    });
    const missing = await runCli(['backup', `${file}2`], { DATABASE_URL: `sqlite:${join(folder, 'none.db')}` });
    expect(missing).toMatchObject({ code: 1, stderr: 'There is no database at DATABASE_URL yet.\n' });
    expect(readdirSync(folder)).toEqual(['monitor.backup']);
  });

  it('is refused by a service with another encryption key, before anything is written', async () => {
    await runCli(['backup', file], await inhabited());
    const [target, other] = [await empty(), randomBytes(32).toString('base64url')];
    const refused = await runCli(['restore', file], { ...target, ENCRYPTION_KEY: other });
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ENCRYPTION_KEY [^\n]+\n$/) as string,
    });
    expect((await contentOf(target.DATABASE_URL)).encryption_check).toEqual([]);
    const previous = { ENCRYPTION_KEY: other, ENCRYPTION_KEYS_PREVIOUS: SERVICE_ENVIRONMENT.ENCRYPTION_KEY };
    expect(await runCli(['restore', file], { ...target, ...previous })).toMatchObject({ code: 0 });
  });

  it('is refused when it was cut off or changed, before anything is written', async () => {
    await runCli(['backup', file], await inhabited());
    const whole = readFileSync(file);
    const text = gunzipSync(whole).toString();
    const damaged = {
      'cut off': whole.subarray(0, whole.length - 20),
      'cut off at a line': gzipSync(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)),
      'a letter changed': gzipSync(text.replace('Ada@', 'Eve@')),
      'a row missing': gzipSync(text.replace(/\{"table":"usage_days"[^\n]+\n/, '')),
      'a line added': gzipSync(`${text}{"table":"users","row":{}}\n`),
      'a bit flipped': Buffer.from(whole.map((byte, index) => (index === whole.length - 40 ? byte ^ 8 : byte))),
      empty: Buffer.alloc(0),
      'no archive': Buffer.from('hello'),
      'another archive': gzipSync('{"format":"something else"}\n'),
    };
    const target = await empty();
    for (const [how, content] of Object.entries(damaged)) {
      writeFileSync(file, content);
      const { code, stderr } = await runCli(['restore', file], target);
      expect([how, code]).toEqual([how, 1]);
      expect(stderr).toMatch(/^[^\n]+(damaged|is not a backup)[^\n]*\n$/);
    }
    expect((await contentOf(target.DATABASE_URL)).users).toEqual([]);
  });

  it('is refused where people are already, and by a version that is not its own', async () => {
    const source = await inhabited();
    await runCli(['backup', file], source);
    const before = await contentOf(source.DATABASE_URL);
    const full = await runCli(['restore', file], source);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('has users') as string });
    expect(await contentOf(source.DATABASE_URL)).toEqual(before);

    const withHeader = (change: (header: { migrations: string[] }) => void) => {
      const [header, ...rest] = lines().slice(0, -1);
      const changed = JSON.parse(header!) as { migrations: string[] };
      change(changed);
      const text = [JSON.stringify(changed), ...rest].map((line) => `${line}\n`).join('');
      const end = JSON.parse(lines().at(-1)!) as object;
      const sha256 = createHash('sha256').update(text).digest('hex');
      const path = join(folder, `${sha256}.backup`);
      writeFileSync(path, gzipSync(`${text}${JSON.stringify({ ...end, sha256 })}\n`));
      return path;
    };
    const target = await empty();
    const newer = await runCli(['restore', withHeader(({ migrations }) => migrations.push('Migration3000'))], target);
    expect(newer).toMatchObject({ code: 1, stderr: expect.stringContaining('newer version') as string });
    const older = await runCli(['restore', withHeader(({ migrations }) => migrations.pop())], target);
    expect(older).toMatchObject({ code: 1, stderr: expect.stringContaining('older version') as string });
    expect((await contentOf(target.DATABASE_URL)).users).toEqual([]);
  });

  it.each(DIALECTS)(
    'of %s taken while people write has all that was there before, and nothing in halves',
    async (dialect) => {
      const at = await inhabited(dialect, 2_000);
      const stop = new AbortController();
      let written = 0;
      const writing = onDatabase(at.DATABASE_URL, async (orm) => {
        while (!stop.signal.aborted) {
          await orm.em.fork().transactional(async (em) => {
            const email = `writer${written}@example.org`;
            const user = new User(email, email, 'no password', new Date());
            await em.persist(user).flush();
            em.persist(new User(`twin-${email}`, `twin-${email}`, 'no password', new Date()));
          });
          written++;
          // Lets the other process in between.
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      });
      await expect.poll(() => written).toBeGreaterThan(20);
      const before = written;
      const taken = await spawnCli(['backup', file], at);
      stop.abort();
      await writing;
      expect(taken).toMatchObject({ code: 0, stderr: '' });
      const target = await empty(dialect);
      expect(await runCli(['restore', file], target)).toMatchObject({ code: 0 });
      const emails = (await contentOf(target.DATABASE_URL)).users!.map((user) => (user as { email: string }).email);
      for (let index = 0; index < before; index++) expect(emails).toContain(`writer${index}@example.org`);
      expect(emails.filter((email) => email.startsWith('twin-'))).toHaveLength(
        emails.filter((email) => email.startsWith('writer')).length,
      );
    },
  );

  it.skipIf(!POSTGRES_URL)(
    '#67 of a database that instances serve under load has all they acknowledged before, as of one moment',
    async () => {
      const at = await inhabited('postgres', 1_000);
      const services = await Promise.all([startService(at), startService(at)]);
      const headers = {
        Authorization: `Bearer ${SERVICE_ENVIRONMENT.ADMIN_TOKEN}`,
        'Content-Type': 'application/json',
      };
      const post = (path: string, body: object, turn = 0) =>
        fetch(services[turn % 2]!.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const upstream = { name: 'main', provider: 'openai', base_url: 'https://api.example.org/v1', api_key: 'sk-x' };
      const { id } = (await (await post('/admin/upstreams', upstream)).json()) as { id: number };
      const acknowledged: string[] = [];
      let turn = 0;
      const issue = async () => {
        const name = `key ${turn++}`;
        const answer = await post('/admin/keys', { name, upstream_ids: [id] }, turn);
        if (answer.status === 201) acknowledged.push(name);
        return answer;
      };
      let before: string[];
      {
        await using traffic = new SteadyTraffic({ one: issue, other: issue });
        await expect.poll(() => acknowledged.length).toBeGreaterThan(20);
        before = [...acknowledged];
        expect(await spawnCli(['backup', file], at)).toMatchObject({ code: 0, stderr: '' });
        const after = acknowledged.length;
        await expect.poll(() => acknowledged.length).toBeGreaterThan(after + 5);
        expect(traffic.failures).toEqual({});
      }
      for (const service of services) await service[Symbol.asyncDispose]();

      const target = await empty('postgres');
      expect(await runCli(['restore', file], target)).toMatchObject({ code: 0, stderr: '' });
      expect(await runCli(['audit:verify'], target)).toMatchObject({ code: 0 });
      const content = await contentOf(target.DATABASE_URL);
      const keys = content.client_keys as { id: number; name: string }[];
      expect(keys.map(({ name }) => name)).toEqual(expect.arrayContaining(before));
      expect(keys.length).toBeLessThan(acknowledged.length);
      const events = content.audit_events as { action: string; target: string }[];
      const issued = events.filter(({ action }) => action === 'client-key.issued');
      // A key and the record of it are written together.
      expect(issued.map((event) => event.target).toSorted()).toEqual(
        keys.map((key) => `client-key:${key.id}`).toSorted(),
      );
    },
  );
});
