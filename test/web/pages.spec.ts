import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriersOn, Surfer } from '../support/browser.ts';
import { newPageWorld, type PageWorld } from '../support/page-world.ts';
import { CHROMIUM } from '../support/services.ts';

describe.skipIf(!CHROMIUM)('the pages, in a browser', { timeout: 180_000 }, () => {
  let place: PageWorld;
  let surfer: Surfer;
  beforeAll(async () => {
    place = await newPageWorld();
    surfer = await Surfer.start(place.world.app);
  }, 180_000);
  afterAll(async () => {
    await surfer[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  /** Only the middle is replaced: whatever else a script has noted stays. */
  const staysThe = async (page: Page, work: () => Promise<unknown>) => {
    await page.evaluate('window.isTheSame = true');
    await work();
    expect(await page.evaluate('window.isTheSame')).toBe(true);
  };

  it('draw the spend and its table, by model and by key, without loading the page anew', async () => {
    const page = await surfer.newPage({ person: place.person });
    await page.goto('/dashboard');
    const drawn = () => page.evaluate<number>('Chart.getChart(document.querySelector("canvas")).data.datasets.length');
    expect(await drawn()).toBe(2);
    expect(await barriersOn(page)).toEqual([]);
    await staysThe(page, async () => {
      await page.click('text=By key');
      await page.waitForURL('**/dashboard?days=30&by=key');
    });
    await page.locator('.chart th', { hasText: 'Website chat' }).waitFor({ state: 'attached' });
    expect(await drawn()).toBe(2);
    await page.click('text=Show as a table');
    expect(await barriersOn(page)).toEqual([]);
    expect(surfer.complaints).toEqual([]);
  });

  it('draw the hours of some days, with the local time at hand', async () => {
    const page = await surfer.newPage({ person: place.person });
    await page.goto('/dashboard?days=7&by=key');
    await staysThe(page, async () => {
      await page.click('text=Hourly');
      await page.waitForURL('**/dashboard?days=7&by=key&per=hour');
      await page.locator('.chart th', { hasText: 'Hour (UTC)' }).waitFor({ state: 'attached' });
    });
    const chart = 'Chart.getChart(document.querySelector("canvas"))';
    expect(await page.evaluate<string[]>(`${chart}.scales.x.ticks.map(({ label }) => label)`)).toEqual([
      '9 Jun',
      '10 Jun',
      '11 Jun',
      '12 Jun',
      '13 Jun',
      '14 Jun',
      '15 Jun',
    ]);
    expect(await page.evaluate<number[]>(`${chart}.data.datasets.map(({ data }) => Math.max(...data))`)).toEqual([17]);
    expect(await barriersOn(page)).toEqual([]);
    await page.click('text=Show as a table');
    expect(await page.locator('.chart time').last().getAttribute('title')).toMatch(
      /^2026-06-15 12:00 UTC · .+ local time$/,
    );
    expect(await barriersOn(page)).toEqual([]);
    await page.click('text=Daily');
    await page.locator('.chart th', { hasText: 'Day' }).waitFor({ state: 'attached' });
    await page.click('text=Show as a table');
    await page.getByRole('link', { name: '15 Jun 2026' }).click();
    await page.waitForURL('**/dashboard?start_date=2026-06-15&end_date=2026-06-15&by=key');
    await page.locator('.chart th', { hasText: 'Hour (UTC)' }).waitFor({ state: 'attached' });
    expect(surfer.complaints).toEqual([]);
  });

  it('look after keys in place, with the focus where the eye should be', async () => {
    const page = await surfer.newPage({ person: place.person });
    await page.goto('/keys');
    expect(await barriersOn(page)).toEqual([]);
    expect(await page.locator('.keys time').first().getAttribute('title')).toMatch(/UTC · .+ local time$/);
    await staysThe(page, async () => {
      await page.click('text=Add a key');
      await page.getByLabel('Name', { exact: true }).fill('Browser key');
      await page.getByLabel('OpenRouter key').fill('sk-or-v1-nobody-knows-this');
      await page.click('text=Add the key');
      await page.getByText('OpenRouter does not accept this key.').waitFor();
      expect(await page.evaluate('document.activeElement.name')).toBe('key');
      expect(await page.inputValue('[name=name]')).toBe('Browser key');
      expect(await barriersOn(page)).toEqual([]);
      await page.getByLabel('OpenRouter key').fill(place.unusedSecret);
      await page.click('text=Add the key');
      await page.getByText('The key is stored, encrypted').waitFor();
      const row = page.getByRole('row', { name: /Browser key/ });
      await row.getByLabel('Actions for Browser key').click();
      expect(await barriersOn(page)).toEqual([]);
      await row.getByText('Check now').click();
      await page.getByText('OpenRouter was asked.').waitFor();
      await row.getByLabel('Actions for Browser key').click();
      await row.getByRole('link', { name: 'Delete' }).click();
      await page.getByText('Delete "Browser key" here?').waitFor();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('are deleted here').waitFor();
      expect(await page.evaluate('document.activeElement.className')).toBe('notice');
    });
    expect(await page.getByText('Browser key').count()).toBe(0);
    expect(surfer.complaints).toEqual([]);
  });

  it('filter, sort and turn the pages of the statistics, and go back by the button of the browser', async () => {
    const page = await surfer.newPage({ person: place.person });
    await page.goto('/stats?days=90');
    expect(await barriersOn(page)).toEqual([]);
    await page.selectOption('[name=key]', { label: 'Website chat' });
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL('**/stats?**key=*');
    await page.getByRole('columnheader', { name: 'Spend' }).getByRole('link').click();
    await page.waitForURL('**sort=cost**');
    expect(await page.getAttribute('th[aria-sort]', 'aria-sort')).toBe('descending');
    await page.goBack();
    await page.locator('th[aria-sort]', { hasText: 'Day' }).waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('text=CSV')]);
    expect(file.suggestedFilename()).toBe('usage-2026-03-18-2026-06-15.csv');
    expect(surfer.complaints).toEqual([]);
  });

  it('#64 run nothing that somebody has written into a name, and leave no page in the storage of the browser', async () => {
    const page = await surfer.newPage({ person: place.person });
    for (const path of [
      '/dashboard?by=key',
      '/keys',
      '/stats',
      `/stats?model=${encodeURIComponent('<script>alert(3)</script>')}`,
    ]) {
      await page.goto(path);
      expect(await page.evaluate('document.querySelectorAll("main img, main script").length')).toBe(0);
    }
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    expect(surfer.complaints).toEqual([]);
  });

  it('fit on a phone, where the menu opens and closes by the keyboard', async () => {
    const page = await surfer.newPage({ person: place.person, width: 360 });
    for (const path of ['/dashboard', '/dashboard?days=7&per=hour', '/keys', '/stats']) {
      await page.goto(path);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    }
    await page.focus('.menu > summary');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Keys' }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    expect(surfer.complaints).toEqual([]);
  });

  it('do the same without scripts: the table in place of the chart, forms that post', async () => {
    const page = await surfer.newPage({ person: place.person, script: false });
    await page.goto('/dashboard');
    expect(await page.locator('canvas').isVisible()).toBe(false);
    await page.click('text=Show as a table');
    expect(await page.getByRole('rowheader', { name: '14 Jun 2026' }).isVisible()).toBe(true);
    await page.goto('/dashboard?days=7');
    await page.click('text=Hourly');
    await page.click('text=Show as a table');
    expect(await page.getByRole('rowheader', { name: '15 Jun 2026, 08:00' }).isVisible()).toBe(true);
    await page.goto(`/keys?rename=${place.keys.chat}`);
    await page.fill('[name=name]', 'Renamed without scripts');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('The key has its new name.').waitFor();
    expect(await page.getByText('Renamed without scripts').count()).toBe(1);
    await page.goto('/stats?days=90');
    await page.click('text=Next');
    await page.getByText('Page 2 of').waitFor();
    expect(surfer.complaints).toEqual([]);
  });
});
