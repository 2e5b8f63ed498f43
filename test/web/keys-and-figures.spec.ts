import { EntityManager } from '@mikro-orm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeyRepository } from '../../src/api-keys/api-key.repository.js';
import { KeyHour } from '../../src/usage/books/key-hour.entity.js';
import { newPageWorld, type PageWorld } from '../support/page-world.ts';
import { newPerson } from '../support/people.ts';
import { Visitor } from '../support/visitor.ts';

/** The pages as a browser without scripts gets them. */
describe('keys and figures', () => {
  let place: PageWorld;
  let ada: Visitor;
  beforeAll(async () => {
    place = await newPageWorld();
    ada = await Visitor.loggedIn(place.world.app, place.person);
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const keyOf = (id: number) => place.world.unitOfWork.run(() => place.world.get(ApiKeyRepository).find(id));

  it('tell on the dashboard what was spent, beside the time before, and how fresh that is', async () => {
    const { status, text } = await ada.open('/dashboard');
    expect(status).toBe(200);
    const words = text.replaceAll(/<[^>]+>/g, '');
    expect(words).toContain('17 May 2026 – 15 Jun 2026, UTC');
    expect(words).toContain('vs the 30 days before');
    expect(words).toContain('Not synced yet. Automatic syncing is off.');
    expect(words).toContain('$0.000015');
    expect(words).not.toMatch(/\d[eE]-\d/);
  });

  it('split the same days by key, and long times by week', async () => {
    const { text } = await ada.open('/dashboard?start_date=2026-02-01&end_date=2026-06-15&by=key');
    expect(text).toContain('Week from');
    expect(text).toMatch(/<th scope="col" class="number">Website chat<\/th>/);
  });

  it('show the same days by the hour up to now, and say what part of them is known so', async () => {
    const { status, text } = await ada.open('/dashboard?days=7&per=hour');
    expect(status).toBe(200);
    const words = text.replaceAll(/<[^>]+>/g, '');
    expect(words).toContain('Hour (UTC)');
    expect(words).toMatch(/\$17\.00 of \$35\.00 is known by the hour, the rest only by the day\./);
    const rows = text.match(/<th scope="row" class="figure"[^>]+data-mark.+?<\/tr>/gs)!;
    expect(rows).toHaveLength(6 * 24 + 13);
    expect(rows.at(-1)).toContain('15 Jun 2026, 12:00');
    const used = rows.filter((row) => row.includes('$'));
    expect(used.filter((row) => !row.includes('$0.00'))).toHaveLength(1);
    expect(rows.find((row) => row.includes('15 Jun 2026, 08:00'))).toContain('$17.00');
    expect(text).toContain(
      '<time dateTime="2026-06-15T08:00:00.000Z" title="2026-06-15 08:00 UTC">'.replace('dateTime', 'datetime'),
    );
  });

  it('offer hours for seven days at most, and unasked for one or two', async () => {
    const long = await ada.open('/dashboard?days=30&per=hour');
    expect(long.text).toContain('By day, UTC.');
    expect(long.text).toContain('href="/dashboard?days=7&amp;by=model&amp;per=hour"');
    const day = 'start_date=2026-06-15&end_date=2026-06-15';
    expect((await ada.open(`/dashboard?${day}&by=key`)).text).toContain('All of the spend is known by the hour.');
    expect((await ada.open(`/dashboard?${day}&per=day`)).text).toContain('By day, UTC.');
    expect(long.text).toContain('href="/dashboard?start_date=2026-06-15&amp;end_date=2026-06-15&amp;by=model"');
  });

  it('say so where hours come to more than their day', async () => {
    const { world, keys } = place;
    const hour = new KeyHour(keys.chat, '2026-06-05T10', 'openai/gpt-4.1-mini');
    const em = world.get(EntityManager as never) as EntityManager;
    await em
      .fork()
      .persist(Object.assign(hour, { cost: 4_000_000_000n }))
      .flush();
    const { text } = await ada.open('/dashboard?start_date=2026-06-05&end_date=2026-06-05');
    const words = text.replaceAll(/<[^>]+>/g, '');
    expect(words).toContain('The hours of some days come to $1.00 more than the day, which is what counts.');
  });

  it('pretend no hours where none is known', async () => {
    const { text } = await ada.open('/dashboard?start_date=2026-05-14&end_date=2026-05-15&per=hour');
    expect(text).toContain('No hour of these days is known, only the days are.');
    expect(text).not.toContain('<canvas');
  });

  it.each([
    'start_date=2026-06-15&end_date=2026-06-01',
    'start_date=2024-01-01&end_date=2026-06-01',
    'start_date=x&end_date=y',
  ])('say what is wrong with the days %s and show the usual ones', async (query) => {
    for (const path of ['/dashboard', '/stats']) {
      const { status, text } = await ada.open(`${path}?${query}`);
      expect(status).toBe(422);
      expect(text).toContain('id="range-problem"');
      expect(text).toContain('17 May 2026');
    }
  });

  it('list rows in the order of the address, page by page, with the sum of the whole selection', async () => {
    const { text } = await ada.open(`/stats?days=30&key=${place.keys.chat}&sort=date&order=asc`);
    expect(text).toMatch(/aria-sort="ascending"/);
    expect(text.indexOf('2026-05-17')).toBeLessThan(text.indexOf('2026-06-14'));
    expect(text).not.toContain('Page 1 of');
    const second = await ada.open('/stats?days=90&sort=cost&page=2');
    expect(second.text).toContain('Page 2 of 2');
    expect((await ada.open('/stats?days=90&sort=cost&page=99')).text).toContain('Page 2 of 2');
    expect((await ada.open('/stats?days=0x1e&key=abc&sort=no&order=no&page=-1&utm=1')).status).toBe(200);
  });

  it('#64 hand out the selection as a file in which no cell is a formula', async () => {
    const { status, headers, text } = await ada.open(`/stats/export?days=7&key=${place.keys.hostile}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(text.split('\r\n')[1]).toMatch(/^\d+,\d+,"'=</);
    expect((await ada.open('/stats/export?start_date=2026-06-02&end_date=2026-06-01')).status).toBe(422);
    expect((await new Visitor(place.world.app).open('/stats/export?days=7')).location).toMatch(/^\/login/);
  });

  it('add a key, keeping its name but not its secret when something is wrong', async () => {
    const refused = await ada.submit('/keys/new', '/keys', { name: 'My key', key: 'sk-or-v1-nobody-knows-this' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('OpenRouter does not accept this key.');
    expect(refused.text).toContain('value="My key"');
    expect(refused.text).not.toContain('nobody-knows-this');
    expect((await ada.submit('/keys/new', '/keys', { name: '', key: 'x' })).text).toContain(
      'The name must be 1 to 100',
    );
    const added = await ada.submit('/keys/new', '/keys', { name: 'My key', key: place.unusedSecret });
    expect([added.status, added.location]).toEqual([303, '/keys']);
    const { text } = await ada.open('/keys');
    expect(text).toContain('The key is stored, encrypted');
    expect(text).toContain('My key');
    expect(text).not.toContain(place.unusedSecret);
    expect((await ada.open('/keys')).text).not.toContain('The key is stored, encrypted');
    const twice = await ada.submit('/keys/new', '/keys', { name: 'Again', key: place.unusedSecret });
    expect(twice.text).toContain('You have already added this key');
  });

  it('rename, pause, check, switch on and delete a key without a script', async () => {
    const { chat } = place.keys;
    const deed = (what: string, fields = {}) => ada.submit(`/keys?rename=${chat}`, `/keys/${chat}/${what}`, fields);
    expect((await deed('rename', { name: ' ' })).status).toBe(422);
    expect((await deed('rename', { name: 'Chat' })).location).toBe('/keys');
    expect((await keyOf(chat))?.name).toBe('Chat');
    await deed('pause');
    expect((await keyOf(chat))?.isSwitchedOn).toBe(false);
    await deed('resume');
    expect((await keyOf(chat))?.isSwitchedOn).toBe(true);
    expect((await deed('check')).location).toBe('/keys');
    expect((await keyOf(chat))?.status).toBe('valid');
    expect((await deed('replace', { key: '' })).text).toContain('The key is empty.');
    const doomed = await place.world.register(place.person.id, place.world.simulator.account().key({ name: 'Doomed' }));
    expect((await ada.open(`/keys?delete=${doomed}`)).text).toContain('Delete &quot;Doomed&quot; here?');
    expect(await keyOf(doomed)).not.toBeNull();
    await ada.submit(`/keys?delete=${doomed}`, `/keys/${doomed}/delete`);
    expect(await keyOf(doomed)).toBeNull();
  });

  it('#34 show and change nothing of what belongs to somebody else', async () => {
    const eve = await Visitor.loggedIn(place.world.app, await newPerson(place.world.app, 'eve@example.com'));
    const { company } = place.keys;
    for (const path of ['/keys', '/stats', '/dashboard']) expect((await eve.open(path)).text).not.toContain('Company');
    for (const deed of ['rename', 'replace', 'pause', 'resume', 'delete', 'check']) {
      const fields = { name: 'Mine now', key: place.unusedSecret };
      expect((await eve.submit('/keys', `/keys/${company}/${deed}`, fields)).status).toBe(403);
      expect((await eve.submit('/keys', `/keys/99999/${deed}`, fields)).status).toBe(404);
    }
    expect((await eve.open(`/stats?key=${company}`)).status).toBe(403);
    expect((await eve.open('/stats?key=99999')).status).toBe(404);
    expect((await eve.open(`/stats/export?key=${company}`)).status).toBe(403);
    expect((await eve.open(`/keys?delete=${company}`)).text).not.toContain('Company');
    expect((await keyOf(company))?.name).toBe('Company');
  });

  it('say what to do first to somebody who has nothing yet', async () => {
    const bob = await Visitor.loggedIn(place.world.app, await newPerson(place.world.app));
    expect((await bob.open('/dashboard')).text).toContain('Add your first OpenRouter key');
    expect((await bob.open('/keys')).text).toContain('No keys yet');
    expect((await bob.open('/stats')).text).toContain('Add an OpenRouter key');
  });

  it('weigh less than 150 kB at the first visit and 15 kB after it', async () => {
    const weight = async (path: string) => {
      const { headers, text } = await ada.open(path, { 'accept-encoding': 'br' });
      return { page: Number(headers.get('content-length')), text };
    };
    for (const path of [
      '/dashboard',
      '/dashboard?days=365',
      '/dashboard?days=7&per=hour',
      '/keys',
      '/stats',
      '/tokens',
      '/profile',
      '/notifications',
    ]) {
      const { page, text } = await weight(path);
      expect(page).toBeGreaterThan(0);
      expect(page).toBeLessThan(15_000);
      const files = new Set([...text.matchAll(/(?:src|href)="(\/assets\/[^"#]+)/g)].map(([, file]) => file!));
      let first = page;
      for (const file of files) first += (await weight(file)).page;
      expect(first).toBeLessThan(150_000);
    }
  });
});
