import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { barriersOn, Surfer } from '../support/browser.ts';
import { newPerson } from '../support/people.ts';
import { CHROMIUM } from '../support/services.ts';
import { Visitor } from '../support/visitor.ts';

const TOKEN = /or_api_[\w-]{49}/;
const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;

describe('the page of tokens', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp({ env: { PUBLIC_URL: 'http://monitor.example.com' } })));
  afterAll(() => app[Symbol.asyncDispose]());

  const make = (visitor: Visitor, fields: Record<string, string>) => visitor.submit('/tokens', '/tokens', fields);

  it('#21 shows a new token once: not in the address, not when loaded again, and lets nobody keep it', async () => {
    const ada = await Visitor.loggedIn(app);
    const made = await make(ada, { name: 'grafana' });
    expect([made.status, made.location, made.headers.get('cache-control')]).toEqual([303, '/tokens', 'no-store']);
    expect(made.text + made.headers.getSetCookie().join()).not.toMatch(TOKEN);
    const shown = await ada.open('/tokens');
    expect(shown.headers.get('cache-control')).toBe('no-store');
    const [token] = TOKEN.exec(shown.text)!;
    expect(shown.text).toContain(`${token}' http://monitor.example.com/api/v1/stats`);
    await request(app.url).get('/api/v1/stats').set('Authorization', `Bearer ${token}`).expect(200);
    const again = await ada.open('/tokens');
    expect(again.text).toContain('grafana');
    expect(again.text).not.toMatch(TOKEN);
  });

  it('#21 shows a new token to nobody but the session that made it', async () => {
    const [ada, eve] = [await Visitor.loggedIn(app), await Visitor.loggedIn(app)];
    await make(ada, { name: 'mine' });
    eve.cookies.set('new_secret', ada.cookies.get('new_secret')!);
    expect((await eve.open('/tokens')).text).not.toMatch(TOKEN);
    expect((await ada.open('/tokens')).text).toMatch(TOKEN);
  });

  it('revokes, and shows what was revoked when asked', async () => {
    const ada = await Visitor.loggedIn(app);
    await make(ada, { name: 'old script', expires_at: '2100-01-01' });
    const { text } = await ada.open('/tokens');
    expect(text).toContain('2100-01-01 00:00');
    const [, path] = /action="(\/tokens\/\d+\/revoke)"/.exec(text)!;
    expect((await ada.submit('/tokens', path!)).location).toBe('/tokens');
    const list = await ada.open('/tokens');
    expect(list.text).toContain('The token is revoked');
    expect(list.text).toContain('No tokens yet');
    expect((await ada.open('/tokens?revoked=true')).text).toContain('old script');
  });

  it.each([
    [{ name: '' }, 422, 'The name must be 1 to 100 characters'],
    [{ name: 'x', expires_at: '2001-01-01' }, 422, 'The expiry must be in the future.'],
    [{ name: 'x', expires_at: 'tomorrow' }, 422, 'The expiry must be'],
  ])('says beside the field what is wrong: %j', async (fields, status, problem) => {
    const answer = await make(await Visitor.loggedIn(app), fields);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(problem);
    expect(answer.text).toContain('aria-invalid="true"');
  });

  it('says what to do at the limit', async () => {
    const ada = await Visitor.loggedIn(app);
    for (let made = 0; made < 5; made++) await make(ada, { name: `token ${made}` });
    const refused = await make(ada, { name: 'one more' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('Revoke one that you do not need any more.');
    expect(refused.text).toContain('value="one more"');
  });

  it('#34 revokes nothing of somebody else', async () => {
    const [ada, eve] = [await Visitor.loggedIn(app), await Visitor.loggedIn(app)];
    await make(ada, { name: 'mine' });
    const [, path] = /action="(\/tokens\/\d+\/revoke)"/.exec((await ada.open('/tokens')).text)!;
    expect((await eve.submit('/tokens', path!)).status).toBe(403);
    expect((await eve.submit('/tokens', '/tokens/999999/revoke')).status).toBe(404);
    expect((await ada.open('/tokens')).text).toContain(path);
    expect((await eve.open('/tokens?revoked=true')).text).not.toContain('mine');
  });

  it('#64 writes names as text', async () => {
    const ada = await Visitor.loggedIn(app);
    await make(ada, { name: HOSTILE.slice(0, 100) });
    const { text } = await ada.open('/tokens');
    expect(text).toContain('&lt;img src=x');
    expect(text).not.toContain('<img');
  });
});

describe.skipIf(!CHROMIUM)('the page of tokens, in a browser', () => {
  let app: TestApp;
  let surfer: Surfer;
  beforeAll(async () => {
    app = await startApp();
    surfer = await Surfer.start(app);
  });
  afterAll(async () => {
    await surfer[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });

  it('works with scripts: made, copied, gone after a look elsewhere, revoked', async () => {
    const page = await surfer.newPage({ person: await newPerson(app), width: 390 });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto('/tokens');
    await page.getByText('No tokens yet').waitFor();
    await page.fill('[name=name]', HOSTILE);
    await page.press('[name=name]', 'Enter');
    await page.locator('[data-once]:focus').waitFor();
    const token = (await page.textContent('#secret'))!;
    expect(token).toMatch(TOKEN);
    expect(await barriersOn(page)).toEqual([]);
    await page.click('.secret-line [data-copy]');
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(token);
    expect(page.url()).toBe(`${app.url}/tokens`);
    await page.goto('/logout');
    await page.goBack();
    await page.waitForURL('**/tokens');
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: /^Revoke/ }).click();
    expect(await barriersOn(page)).toEqual([]);
    await page.locator('.question [type=submit]').click();
    await page.getByText('The token is revoked').waitFor();
    expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain(token);
    expect(surfer.complaints).toEqual([]);
  });

  it('works without scripts: made, shown, revoked after a question', async () => {
    const page = await surfer.newPage({ person: await newPerson(app), script: false });
    await page.goto('/tokens');
    await page.fill('[name=name]', 'a script');
    await page.click('text=Make the token');
    expect(await page.textContent('#secret')).toMatch(TOKEN);
    await page.reload();
    expect(await page.locator('#secret').count()).toBe(0);
    await page.getByRole('button', { name: 'Revoke a script' }).click();
    await page.locator('.question [type=submit]').click();
    expect(await page.textContent('.notice')).toContain('The token is revoked');
    expect(surfer.complaints).toEqual([]);
  });
});
