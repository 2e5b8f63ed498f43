import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Notifier } from '../../src/shared/notifier.port.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { barriersOn, Surfer } from '../support/browser.ts';
import { newPerson, type Person } from '../support/people.ts';
import { CHROMIUM } from '../support/services.ts';
import { Visitor } from '../support/visitor.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';

async function tell(app: TestApp, { id }: Person, ...messages: string[]): Promise<void> {
  const notifier = app.nest.get(Notifier, { strict: false });
  await app.nest.get(UnitOfWork, { strict: false }).run(async () => {
    for (const message of messages) {
      await notifier.tell({ userId: id, kind: 'key_expiring', message, apiKeyId: null, occasion: message });
    }
  });
}

const bellOf = (html: string) => /<a id="bell"[^>]* aria-label="([^"]*)"/.exec(html)?.[1];

describe('the page of notifications', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp()));
  afterAll(() => app[Symbol.asyncDispose]());

  it('rings on every page until everything is read', async () => {
    const ada = await Visitor.loggedIn(app);
    expect(bellOf((await ada.open('/dashboard')).text)).toBe('Notifications');
    expect((await ada.open('/notifications')).text).toContain('Nothing has happened yet');
    await tell(app, ada.person, 'First.', 'Second.');
    expect(bellOf((await ada.open('/tokens')).text)).toBe('Notifications, 2 unread');
    const { text } = await ada.open('/notifications');
    const [, path] = /action="(\/notifications\/\d+\/read)"/.exec(text)!;
    expect((await ada.submit('/notifications', path!)).location).toBe('/notifications');
    expect(bellOf((await ada.open('/profile')).text)).toBe('Notifications, 1 unread');
    await ada.submit('/notifications', '/notifications/read');
    expect(bellOf((await ada.open('/notifications')).text)).toBe('Notifications');
    expect((await ada.open('/notifications?unread=true')).text).toContain('Nothing unread');
    expect((await ada.open('/notifications')).text).toContain('Second.');
  });

  it('#34 shows and marks nothing of somebody else', async () => {
    const [ada, eve] = [await Visitor.loggedIn(app), await Visitor.loggedIn(app)];
    await tell(app, ada.person, 'For Ada alone.');
    const [, path] = /action="(\/notifications\/\d+\/read)"/.exec((await ada.open('/notifications')).text)!;
    expect((await eve.submit('/tokens', path!)).status).toBe(403);
    await eve.submit('/tokens', '/notifications/read');
    expect((await eve.open('/notifications')).text).not.toContain('Ada');
    expect(bellOf((await ada.open('/notifications')).text)).toBe('Notifications, 1 unread');
  });

  it('has pages, and is not thrown by addresses that make no sense', async () => {
    const ada = await Visitor.loggedIn(app);
    await tell(app, ada.person, ...Array.from({ length: 21 }, (_, number) => `News ${number}.`));
    const first = await ada.open('/notifications');
    expect(first.text).toContain('Page 1 of 2, 21 in all');
    expect(first.text).not.toContain('News 0.');
    expect((await ada.open('/notifications?page=2')).text).toContain('News 0.');
    for (const page of ['0', '-1', 'x', '99999999999']) {
      expect((await ada.open(`/notifications?page=${page}`)).text).toContain('Page 1 of 2');
    }
    for (const page of ['3', '999999']) {
      expect((await ada.open(`/notifications?unread=true&page=${page}`)).location).toBe(
        '/notifications?unread=true&page=2',
      );
    }
  });
});

describe.skipIf(!CHROMIUM)('the page of notifications, in a browser', { timeout: 180_000 }, () => {
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

  it.each([true, false])('marks one, then all, as read (scripts: %s)', async (script) => {
    const person = await newPerson(app);
    await tell(app, person, `Your key "${HOSTILE}" expires.`, 'Another one.');
    const page = await surfer.newPage({ person, script });
    await page.goto('/profile');
    await page.getByRole('link', { name: 'Notifications, 2 unread' }).click();
    await page.getByText(HOSTILE).waitFor();
    expect(script ? await barriersOn(page) : []).toEqual([]);
    await page.getByRole('button', { name: 'Mark as read' }).first().click();
    await page.getByRole('link', { name: 'Notifications, 1 unread' }).waitFor();
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByRole('link', { name: 'Notifications', exact: true }).waitFor();
    expect(await page.textContent('.notice')).toContain('Everything is marked as read.');
    expect(surfer.complaints).toEqual([]);
  });
});
