import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { PASSWORD, register } from '../support/accounts.ts';
import { barriersOn, Surfer } from '../support/browser.ts';
import { CHROMIUM } from '../support/services.ts';

describe.skipIf(!CHROMIUM)('coming in, in a browser', () => {
  let app: TestApp;
  let surfer: Surfer;
  beforeAll(async () => {
    app = await startApp();
    await register(app, 'ada@example.com').expect(201);
    surfer = await Surfer.start(app);
  });
  afterAll(async () => {
    await surfer[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
  });

  it('works with scripts: strength while typing, errors beside the field, back to where one wanted to go', async () => {
    const page = await surfer.newPage();
    await page.goto('/register?next=%2Fdashboard%3Fdays%3D7');
    expect(await barriersOn(page)).toEqual([]);
    await page.fill('[name=password]', 'aaaa');
    await page.getByText('Too short').waitFor();
    await page.fill('[name=password]', 'four words nobody joins up');
    await page.getByText('Very strong').waitFor();
    await page.fill('[name=email]', 'ADA@example.com');
    await page.fill('[name=password_again]', 'four words nobody joins up');
    await page.click('text=Make the account');
    await page.getByText('Somebody has registered with this e-mail address').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('email');
    expect(await barriersOn(page)).toEqual([]);
    await page.fill('[name=email]', 'grace@example.com');
    await page.fill('[name=password]', 'four words nobody joins up');
    await page.fill('[name=password_again]', 'four words nobody joins up');
    await page.click('text=Make the account');
    await page.waitForURL('**/dashboard?days=7');
    await page.click('[aria-label="Log out"]');
    await page.getByText('You are logged out.').waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(surfer.complaints).toEqual([]);
  });

  it('works without scripts: wrong, right, dark, a page that is not there, out', async () => {
    const page = await surfer.newPage({ script: false });
    await page.goto('/dashboard');
    await page.fill('[name=email]', 'ada@example.com');
    await page.fill('[name=password]', 'wrong');
    await page.click('main [type=submit]');
    expect(await page.textContent('[role=alert]')).toContain('The e-mail address or the password is wrong.');
    expect(await page.inputValue('[name=email]')).toBe('ada@example.com');
    await page.fill('[name=password]', PASSWORD);
    await page.click('main [type=submit]');
    await page.waitForURL('**/dashboard');
    await page.click('[aria-label="Dark"]');
    await expect.poll(() => page.getAttribute('html', 'data-theme')).toBe('dark');
    expect((await page.goto('/nowhere'))?.status()).toBe(404);
    await page.goto('/logout');
    await page.click('main [type=submit]');
    await page.waitForURL('**/login');
    expect(surfer.complaints).toEqual([]);
  });
});
