import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { logIn, me, PASSWORD, register, tokenOf } from '../support/accounts.ts';
import { barriersOn, Surfer } from '../support/browser.ts';
import { CHROMIUM, DIALECTS } from '../support/services.ts';
import { Visitor } from '../support/visitor.ts';

const OTHER = 'another battery for the horse';
const REPEATED = { new_password: OTHER, password_again: OTHER };

/** Somebody who has registered and logged in on the page. */
async function newcomer(app: TestApp, email: string): Promise<Visitor> {
  await register(app, email).expect(201);
  const visitor = new Visitor(app);
  await visitor.submit('/login', '/login', { email, password: PASSWORD });
  return visitor;
}

describe.each(DIALECTS)('the profile on %s', (dialect) => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp({ dialect })));
  afterAll(() => app[Symbol.asyncDispose]());

  it('tells who one is and where one is logged in, and ends all of that', async () => {
    const ada = await newcomer(app, 'ada@example.com');
    const jwt = await tokenOf(app, 'ada@example.com');
    const { text } = await ada.open('/profile');
    expect(text).toContain('ada@example.com');
    expect(text.match(/data-label="Logged in"/g)).toHaveLength(2);
    expect(text.match(/>this one</g)).toHaveLength(1);
    const ended = await ada.submit('/profile', '/profile/sessions/end');
    expect(ended.location).toBe('/login');
    expect((await ada.open('/profile')).location).toBe('/login?next=%2Fprofile');
    await me(app, jwt).expect(401);
  });

  it('#4 changes the password for whoever knows the current one, and ends the other sessions', async () => {
    const bob = await newcomer(app, 'bob@example.com');
    const elsewhere = await tokenOf(app, 'bob@example.com');
    const change = (fields: Record<string, string>) => bob.submit('/profile', '/profile/password', fields);
    const wrong = await change({ current_password: 'wrong', ...REPEATED });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toMatch(/id="current_password"[^>]*aria-invalid="true"/);
    expect(wrong.text).not.toContain(OTHER);
    expect(
      (await change({ current_password: PASSWORD, new_password: 'password', password_again: 'password' })).status,
    ).toBe(422);
    const differ = await change({ current_password: PASSWORD, new_password: OTHER, password_again: 'x' });
    expect([differ.status, differ.text.includes('The two passwords differ.')]).toEqual([422, true]);
    await me(app, elsewhere).expect(200);
    expect((await change({ current_password: PASSWORD, ...REPEATED })).location).toBe('/profile');
    expect((await bob.open('/profile')).text).toContain('The password is changed.');
    await me(app, elsewhere).expect(401);
    await logIn(app, 'bob@example.com', OTHER).expect(200);
  });

  it('#75 deletes the account with what it said, for whoever knows the password', async () => {
    const eve = await newcomer(app, 'eve@example.com');
    await eve.submit('/tokens', '/tokens', { name: 'grafana' });
    const { text } = await eve.open('/profile');
    expect(text).toContain('1 API token:');
    expect(text).toContain('no OpenRouter keys');
    const wrong = await eve.submit('/profile', '/profile/delete', { password: 'wrong' });
    expect([wrong.status, wrong.text.includes('The current password is wrong.')]).toEqual([400, true]);
    const gone = await eve.submit('/profile', '/profile/delete', { password: PASSWORD });
    expect(gone.location).toBe('/login');
    expect((await eve.open('/login')).text).toContain('Goodbye.');
    await logIn(app, 'eve@example.com').expect(401);
  });
});

describe.skipIf(!CHROMIUM)('the profile, in a browser', { timeout: 180_000 }, () => {
  let app: TestApp;
  let surfer: Surfer;
  beforeAll(async () => {
    app = await startApp();
    surfer = await Surfer.start(app);
  }, 120_000);
  afterAll(async () => {
    await surfer[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });

  it.each([true, false])('changes the password, then deletes the account (scripts: %s)', async (script) => {
    const email = `with-scripts-${script}@example.com`;
    await register(app, email).expect(201);
    const page = await surfer.newPage({ script, width: script ? 390 : 1280 });
    await page.goto('/login?next=%2Fprofile');
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', PASSWORD);
    await page.click('main [type=submit]');
    await page.waitForURL('**/profile');
    expect(script ? await barriersOn(page) : []).toEqual([]);
    await page.fill('[name=current_password]', 'wrong');
    await page.fill('[name=new_password]', OTHER);
    if (script) await page.getByText('Very strong').waitFor();
    await page.fill('[name=password_again]', OTHER);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The current password is wrong.').waitFor();
    await page.locator('[name=current_password]:focus').waitFor();
    expect(script ? await barriersOn(page) : []).toEqual([]);
    await page.fill('[name=current_password]', PASSWORD);
    await page.fill('[name=new_password]', OTHER);
    await page.fill('[name=password_again]', OTHER);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The password is changed.').waitFor();
    await page.fill('[name=password]', OTHER);
    await page.getByRole('button', { name: 'Delete my account' }).click();
    await page.getByText('Goodbye.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/login');
    expect(surfer.complaints).toEqual([]);
  });
});
