import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { barriersOn, Surfer } from '../support/browser.ts';
import { newAdmin } from '../support/people.ts';
import { header, json, RecordingUpstream } from '../support/recording-upstream.ts';
import { CHROMIUM, DIALECTS } from '../support/services.ts';
import { Visitor } from '../support/visitor.ts';

const SECRET = 'sk-upstream-secret-9876';
const KEY = /sk-auto-[\w-]{43}/;
const HOSTILE = '"><img src=x onerror=alert(1)>';
const PAGES = ['/admin', '/console/upstreams/new', '/console/upstreams/1', '/console/keys', '/console/keys/new'];
const MORE_PAGES = ['/console/keys/1', '/console/logs', '/console/jobs', '/console/jobs/usage-sync', '/admin?x=1'];
const SOON = { timeout: 60_000, interval: 50 };

const start = (more: object = {}) => startApp({ env: { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' }, ...more });

const ask = (app: TestApp, key: string, model = 'openai/gpt-4.1-mini') =>
  fetch(`${app.url}/proxy/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [] }),
  });

describe.each(DIALECTS)('the console on %s', (dialect) => {
  let app: TestApp;
  let admin: Visitor;
  let upstream: RecordingUpstream;
  beforeAll(async () => {
    upstream = await RecordingUpstream.start();
    app = await start({ dialect });
    admin = await Visitor.loggedIn(app, await newAdmin(app));
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  const addUpstream = (name: string, fields: Record<string, string> = {}) =>
    admin.submit('/console/upstreams/new', '/console/upstreams', {
      name,
      provider: 'openrouter',
      base_url: upstream.url,
      api_key: SECRET,
      timeout: '60',
      ...fields,
    });
  const pathOf = async (page: string, name: string) =>
    new RegExp(`href="(${page}/\\d+)"[^>]*>${name}`).exec(
      (await admin.open(page.includes('keys') ? page : '/admin')).text,
    )![1]!;

  it('#35 is closed to strangers and to people who are no admins', async () => {
    const [stranger, person] = [new Visitor(app), await Visitor.loggedIn(app)];
    for (const path of [...PAGES, ...MORE_PAGES]) {
      for (const visitor of [stranger, person]) {
        const { status, text } = await visitor.open(path);
        expect([path, status, text.includes('Not for you')]).toEqual([path, 403, true]);
      }
    }
    expect((await person.open('/dashboard')).text).not.toContain('href="/admin"');
    expect((await stranger.open('/console/jobs')).text).toContain('/login?next=%2Fconsole%2Fjobs');
    const watching = { 'hx-request': 'true', 'hx-target': 'section#calls' };
    expect((await stranger.open('/console/logs?live=true', watching)).headers.get('hx-redirect')).toContain('/login');
    expect((await admin.open('/admin/upstreams')).headers.get('content-type')).toContain('problem+json');
  });

  it('keeps upstreams: added, changed, default, paused, deleted, and their keys never shown', async () => {
    expect((await admin.open('/admin')).text).toContain('No upstreams yet');
    expect((await addUpstream('main', { is_default: 'true' })).location).toBe('/admin');
    const twice = await addUpstream('main');
    expect(twice.status).toBe(400);
    expect(twice.text).toMatch(/id="name"[^>]*aria-invalid="true"/);
    expect(twice.text).not.toContain(SECRET);
    const inside = await addUpstream('inside', { base_url: 'http://169.254.169.254/latest' });
    expect([inside.status < 500, inside.text.includes('aria-invalid="true"')]).toEqual([true, true]);
    expect((await addUpstream('second')).location).toBe('/admin');
    const second = await pathOf('/console/upstreams', 'second');
    const change = { name: 'second', provider: 'openai', base_url: upstream.url, api_key: '', timeout: '7' };
    expect((await admin.submit(second, second, change)).location).toBe('/admin');
    for (const [verb, sign] of [
      ['default', 'Default'],
      ['pause', 'Paused'],
      ['resume', 'On'],
    ] as const) {
      await admin.submit('/admin', `${second}/${verb}`);
      expect((await admin.open('/admin')).text).toContain(sign);
    }
    const { text } = await admin.open('/admin');
    expect(text).toContain('sk-***9876');
    expect(text).toContain('7 s');
    expect(text.match(/>Default</g)).toHaveLength(1);
    expect(text + (await admin.open(second)).text).not.toContain(SECRET);
    await admin.submit('/admin', `${second}/delete`);
    expect((await admin.open('/admin')).text).not.toContain('>second<');
    expect((await admin.open(second)).status).toBe(404);
  });

  it('#21 issues a client key that is shown once and works, and revokes it', async () => {
    await addUpstream('for keys', { is_default: 'true' });
    const upstreamId = (await pathOf('/console/upstreams', 'for keys')).split('/').at(-1)!;
    const wanted = { name: 'search team', upstream_ids: upstreamId, 'limits.rpm': '60', 'limits.budget_usd': '25.5' };
    const none = await admin.submit('/console/keys/new', '/console/keys', { name: 'x' });
    expect([none.status, none.text.includes('upstream_ids-problem')]).toEqual([400, true]);
    const wrong = await admin.submit('/console/keys/new', '/console/keys', { ...wanted, 'limits.rpm': 'many' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('The limit of requests must');
    const made = await admin.submit('/console/keys/new', '/console/keys', wanted);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const shown = await admin.open(made.location!);
    const [key] = KEY.exec(shown.text)!;
    for (const snippet of ['curl http', 'new OpenAI(', 'from openai import OpenAI'])
      expect(shown.text).toContain(snippet);
    expect((await ask(app, key)).status).toBe(200);
    expect(header(upstream.requests.at(-1)!, 'authorization')).toEqual([`Bearer ${SECRET}`]);
    expect((await admin.open(made.location!)).text).not.toMatch(KEY);
    expect((await admin.open('/console/keys')).text).toContain('60/min · $25.50 a month');
    const changed = { ...wanted, name: 'search', 'limits.rpm': '', 'limits.models': 'openai/*\r\ngoogle/*' };
    expect((await admin.submit(made.location!, made.location!, changed)).location).toBe('/console/keys');
    expect((await admin.open('/console/keys')).text).toContain('$25.50 a month · 2 models');
    await admin.submit('/console/keys', `${made.location!}/revoke`);
    expect((await ask(app, key)).status).toBe(401);
    expect((await admin.open('/console/keys')).text).toContain('Revoked');
  });

  it('tells of every request, filtered by its address, and of new ones to whoever watches', async () => {
    await addUpstream('for logs', { is_default: 'true' });
    const upstreamId = (await pathOf('/console/upstreams', 'for logs')).split('/').at(-1)!;
    const made = await admin.submit('/console/keys/new', '/console/keys', { name: HOSTILE, upstream_ids: upstreamId });
    const [key] = KEY.exec((await admin.open(made.location!)).text)!;
    const keyId = made.location!.split('/').at(-1)!;
    const live = `/console/logs?live=true&api_key_id=${keyId}`;
    expect((await admin.open(`${live}&after=0`)).status).toBe(204);
    upstream.answer = (res) => json(res, { error: { message: 'no' } }, 418);
    await ask(app, key, 'a/model');
    await vi.waitFor(async () => expect((await admin.open(`${live}&after=0`)).status).toBe(200), SOON);
    const { text } = await admin.open(live);
    expect(text).toContain('a/model');
    expect(text).toContain('418');
    const [, newest] = /after=(\d+)/.exec(text)!;
    expect((await admin.open(`${live}&after=${newest}`)).status).toBe(204);
    expect(text).toContain('&lt;img src=x');
    expect(text).not.toContain('<img');
    const filter = '/console/logs?upstream_id=&model=a%2Fmodel&status_code=';
    expect((await admin.open(`${filter}418`)).text).toContain('1 request<');
    expect((await admin.open(`${filter}200`)).text).toContain('Nothing matches');
    const refused = await admin.open('/console/logs?status_code=many&start_time=yesterday');
    expect([refused.status, refused.text.match(/aria-invalid="true"/g)?.length]).toEqual([422, 2]);
  });

  it('leads from a page behind the last one to the last', async () => {
    for (const path of ['/console/keys', '/console/jobs/log-cleanup', '/console/logs?model=none']) {
      const and = path.includes('?') ? '&' : '?';
      expect((await admin.open(`${path}${and}page=999999`)).location).toBe(`${path}${and}page=1`);
    }
  });

  it('says beside a filter why it cannot be', async () => {
    const { status, text } = await admin.open('/console/logs?api_key_id=99999999999&upstream_id=x');
    expect(status).toBe(422);
    for (const field of ['api_key_id', 'upstream_id']) expect(text).toContain(`id="${field}-problem"`);
    for (const after of ['999999999999999', '-5', '1.5', 'x']) {
      expect((await admin.open(`/console/logs?live=true&after=${after}`)).status).toBeLessThan(300);
    }
  });

  it('runs a job on request and tells what came of it', async () => {
    expect((await admin.open('/console/jobs/log-cleanup')).text).toContain('It has not run yet');
    const { location } = await admin.submit('/console/jobs', '/console/jobs/log-cleanup/run');
    expect(location).toBe('/console/jobs');
    const succeeded = async () => expect((await admin.open('/console/jobs/log-cleanup')).text).toContain('succeeded');
    await vi.waitFor(succeeded, SOON);
    expect((await admin.open('/console/jobs')).text).toContain('succeeded');
    expect((await admin.submit('/console/jobs', '/console/jobs/nonsense/run')).status).toBe(404);
    expect((await admin.open('/console/jobs/nonsense')).status).toBe(404);
  });
});

describe.skipIf(!CHROMIUM)('the console, in a browser', { timeout: 240_000 }, () => {
  let app: TestApp;
  let surfer: Surfer;
  let upstream: RecordingUpstream;
  beforeAll(async () => {
    upstream = await RecordingUpstream.start();
    app = await start();
    surfer = await Surfer.start(app);
  }, 120_000);
  afterAll(async () => {
    await surfer[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  it.each([true, false])('goes from the first upstream to the first request (scripts: %s)', async (script) => {
    const page = await surfer.newPage({ person: await newAdmin(app), script, width: script ? 390 : 1280 });
    const barriers = () => (script ? barriersOn(page) : Promise.resolve([]));
    await page.goto('/admin');
    expect(await barriers()).toEqual([]);
    await page.click('main >> text=Add an upstream');
    await page.fill('[name=name]', `${HOSTILE} ${script}`);
    await page.fill('[name=base_url]', 'http://10.0.0.1/v1');
    await page.fill('[name=api_key]', SECRET);
    await page.check('[name=is_default]');
    await page.click('text=Add the upstream');
    await page.locator('[name=base_url]:focus').waitFor();
    expect(await barriers()).toEqual([]);
    await page.fill('[name=base_url]', upstream.url);
    await page.fill('[name=api_key]', SECRET);
    await page.click('text=Add the upstream');
    await page.getByText('The upstream is there.').waitFor();
    expect(await barriers()).toEqual([]);
    await page.getByRole('link', { name: 'Client keys' }).click();
    await page.getByRole('button', { name: 'Issue a client key' }).click();
    expect(await barriers()).toEqual([]);
    await page.fill('[name=name]', 'a team');
    await page.click('text=Issue the key');
    const key = (await page.textContent('#secret'))!;
    expect(key).toMatch(KEY);
    expect(await barriers()).toEqual([]);
    await page.reload();
    expect(await page.locator('#secret').count()).toBe(0);
    await page.click('text=See its requests');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.waitForURL('**live=true**');
    expect((await ask(app, key, 'a/model')).status).toBe(200);
    // With scripts the row comes by itself; without, whoever watches loads again.
    const row = page.getByRole('cell', { name: 'a/model' });
    await vi.waitFor(async () => {
      if (!script) await page.reload();
      expect(await row.count()).toBe(1);
    }, SOON);
    await page.getByRole('button', { name: /^Details/ }).click();
    await page.getByText('POST /v1/chat/completions').waitFor();
    expect(await barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Jobs' }).click();
    expect(await barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Run now log-cleanup' }).click();
    await page.getByText('The job runs.').waitFor();
    await vi.waitFor(async () => {
      if (!script) await page.reload();
      expect(await page.locator('#job-log-cleanup').textContent()).toContain('succeeded');
    }, SOON);
    expect(surfer.complaints).toEqual([]);
  });
});
