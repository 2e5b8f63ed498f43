import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { PASSWORD, register } from '../support/accounts.ts';
import { newPerson } from '../support/people.ts';
import { tokenIn, Visitor } from '../support/visitor.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('the doors of the pages', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp({ env: { LOGIN_MAX_ATTEMPTS: '3' } })));
  afterAll(() => app[Symbol.asyncDispose]());

  it('lead a person from registering to the keys, out again, and back to where they wanted to go', async () => {
    const ada = new Visitor(app);
    expect((await ada.open('/')).location).toBe('/login');
    const entry = { email: 'ada@example.com', password: PASSWORD, password_again: PASSWORD };
    const registered = await ada.submit('/register', '/register', entry);
    expect([registered.status, registered.location]).toEqual([303, '/keys']);
    expect((await ada.open('/')).location).toBe('/dashboard');
    expect((await ada.open('/login')).location).toBe('/');
    expect((await ada.open('/logout')).status).toBe(200);
    expect((await ada.open('/dashboard')).status).toBe(200);
    const session = ada.cookies.get('session')!;
    expect((await ada.submit('/logout', '/logout')).location).toBe('/login');
    expect(ada.cookies.has('session')).toBe(false);
    ada.cookies.set('session', session);
    expect((await ada.open('/dashboard?days=7')).location).toBe('/login?next=%2Fdashboard%3Fdays%3D7');
    const back = await ada.submit('/login', '/login', {
      email: 'ada@example.com',
      password: PASSWORD,
      next: '/stats?page=2',
    });
    expect(back.location).toBe('/stats?page=2');
  });

  it('#16 give every log-in a new cookie that scripts cannot read, and keep none that was planted', async () => {
    await register(app, 'eve@example.com').expect(201);
    const planted = (await newPerson(app)).jwt;
    const eve = new Visitor(app);
    eve.cookies.set('session', 'planted');
    const { headers } = await eve.submit('/login', '/login', { email: 'eve@example.com', password: PASSWORD });
    const line = headers.getSetCookie().find((cookie) => cookie.startsWith('session='))!;
    expect(line).toMatch(/; HttpOnly/);
    expect(line).toMatch(/; SameSite=Lax/);
    expect(line).toMatch(/; Path=\//);
    expect(eve.cookies.get('session')).not.toBe('planted');
    expect(eve.cookies.get('session')).not.toBe(planted);
  });

  it('#16 are named __Host- and Secure where people come by https', async () => {
    await using secure = await startApp({ env: { PUBLIC_URL: 'https://monitor.example.com' } });
    await register(secure, 'ada@example.com').expect(201);
    const visitor = new Visitor(secure);
    const form = { email: 'ada@example.com', password: PASSWORD };
    const { headers } = await visitor.submit('/login', '/login', form);
    const line = headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-session='))!;
    for (const flag of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(line).toContain(`; ${flag}`);
    expect(line).not.toContain('Domain');
    const others = [...(await new Visitor(secure).open('/login')).headers.getSetCookie(), ...headers.getSetCookie()];
    for (const cookie of others) expect(cookie).toContain('; Secure');
  });

  it('#15 take the cookie on pages alone, and nothing but the cookie', async () => {
    const { jwt } = await newPerson(app);
    for (const path of ['/api/auth/me', '/api/keys', '/api/v1/stats']) {
      await request(app.url).get(path).set('Cookie', `session=${jwt}`).expect(401);
    }
    for (const path of ['/admin/jobs', '/admin']) {
      await request(app.url).get(path).set('Cookie', `session=${jwt}`).expect(403);
    }
    await request(app.url).get('/dashboard').set('Authorization', `Bearer ${jwt}`).expect(303);
    await request(app.url).get('/dashboard').set('Cookie', `session=${app.config.ADMIN_TOKEN}`).expect(303);
    await request(app.url).get('/dashboard').set('Cookie', `session=${jwt}`).expect(200);
  });

  it.each([
    ['another site, by its origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another host of this site', { origin: 'http://other.localhost', 'sec-fetch-site': 'same-site' }],
    ['nobody knows where', { origin: 'null' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
  ])('#61 take no form from %s', async (_, headers) => {
    const ada = await Visitor.loggedIn(app);
    const { text } = await ada.open('/dashboard');
    const answer = await ada.post('/logout', { form_token: tokenIn(text) }, headers);
    expect(answer.status).toBe(403);
    expect((await ada.open('/dashboard')).status).toBe(200);
  });

  it('#61 take no form without its token, with an invented one, or with that of somebody else', async () => {
    const [ada, eve] = [await Visitor.loggedIn(app), await Visitor.loggedIn(app)];
    const others = tokenIn((await eve.open('/dashboard')).text);
    for (const token of ['', 'x', others, 'A'.repeat(86)]) {
      expect((await ada.post('/logout', { form_token: token })).status).toBe(403);
    }
    expect((await ada.open('/dashboard')).status).toBe(200);
  });

  it('#61 take no form for the API, and nothing but forms for pages', async () => {
    const { jwt } = await newPerson(app);
    const authorization = { Authorization: `Bearer ${jwt}`, 'Content-Type': FORM };
    await request(app.url).post('/api/tokens').set(authorization).send('name=x').expect(415);
    await request(app.url).post('/api/auth/login').type('form').send('email=a&password=b').expect(415);
    await request(app.url).post('/%61pi/auth/login').type('form').send('email=a&password=b').expect(415);
    const ada = await Visitor.loggedIn(app);
    const plain = await ada.send('/logout', {
      method: 'POST',
      body: 'form_token=x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(plain.status).toBe(415);
  });

  it.each([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    '/%0d%0a//evil',
    '\t//evil.example',
    '/login',
    'javascript:alert(1)',
    '/x/..//evil.example',
  ])('#64 lead to no other site after the log-in: %s', async (next) => {
    const ada = await Visitor.loggedIn(app);
    const { location } = await ada.open(`/login?next=${encodeURIComponent(next)}`);
    expect(new URL(location!, app.url).origin).toBe(new URL(app.url).origin);
    expect(location).toMatch(/^\/(?![/\\])/);
  });

  it('#5 throttle guesses on the page as on the API, and say how long to wait', async () => {
    await register(app, 'mallory@example.com').expect(201);
    const visitor = new Visitor(app);
    const guess = (password: string) => visitor.submit('/login', '/login', { email: 'mallory@example.com', password });
    for (let tries = 0; tries < 3; tries++) expect((await guess('wrong')).status).toBe(401);
    const refused = await guess(PASSWORD);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.text).toContain('Too many tries.');
  });

  it('weigh only so many passwords for one address', async () => {
    await using own = await startApp({ clock: new FixedClock() });
    const visitor = new Visitor(own);
    const token = tokenIn((await visitor.open('/register')).text);
    const weigh = () => visitor.post('/register/strength', { form_token: token, password: 'four words or more' });
    expect((await weigh()).text).toContain('Strong.');
    for (let times = 1; times < 300; times++) expect((await weigh()).status).toBe(200);
    const refused = await weigh();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(refused.text).toContain('Too fast');
  });

  it('offer an account only where one can be had: to the first person also where registration is closed', async () => {
    await using closed = await startApp({ env: { REGISTRATION: 'closed' } });
    const visitor = new Visitor(closed);
    expect((await visitor.open('/login')).text).toContain('Make an account');
    expect((await visitor.open('/register')).status).toBe(200);
    await register(closed, 'ada@example.com').expect(201);
    expect((await visitor.open('/login')).text).not.toContain('Make an account');
    const { status, text } = await visitor.open('/register');
    expect(status).toBe(403);
    expect(text).toContain('Registration is closed. Ask the operator of this service for an account.');
    expect(text).toContain('href="/login"');
  });

  it('keep what was entered, but never a password', async () => {
    const visitor = new Visitor(app);
    const entry = { email: 'grace@example.com', password: 'hunter2-secret', password_again: 'another-secret' };
    const { status, text } = await visitor.submit('/register', '/register', entry);
    expect(status).toBe(422);
    expect(text).toContain('value="grace@example.com"');
    expect(text).toContain('The two passwords differ.');
    expect(text).not.toContain('-secret');
  });

  it('say in a page of the house what went wrong, and to programs in a problem', async () => {
    const page = await new Visitor(app).open('/nowhere');
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('Nothing here');
    await request(app.url)
      .get('/nowhere')
      .expect(404)
      .expect('Content-Type', /problem\+json/);
    await request(app.url)
      .get('/api/nowhere')
      .set('Accept', 'text/html')
      .expect('Content-Type', /problem\+json/);
  });

  it('lead a script that finds nobody logged in to the log-in page, instead of putting it into the page', async () => {
    const answer = await new Visitor(app).open('/dashboard', { 'hx-request': 'true' });
    expect([answer.status, answer.headers.get('hx-redirect')]).toEqual([401, '/login?next=%2Fdashboard']);
  });

  it('#63 send every page with the headers that protect it, and let nobody keep it', async () => {
    const ada = await Visitor.loggedIn(app);
    for (const path of ['/dashboard', '/login?next=/', '/logout']) {
      const { headers } = await ada.open(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-powered-by')).toBeNull();
    }
    const { headers } = await ada.open('/dashboard');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('x-frame-options')).toBe('DENY');
    const policy = headers.get('content-security-policy')!;
    for (const rule of ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toMatch(/unsafe-(inline|eval)/);
  });

  it('send files that may be kept for a year, and everything compressed', async () => {
    const { text, headers } = await (await Visitor.loggedIn(app)).open('/dashboard', { 'accept-encoding': 'br' });
    expect(headers.get('content-encoding')).toBe('br');
    const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"#]+)/g)].map(([, path]) => path!);
    expect(new Set(files).size).toBeGreaterThan(3);
    for (const path of new Set(files)) {
      const file = await new Visitor(app).open(path, { 'accept-encoding': 'gzip, br' });
      expect(file.status).toBe(200);
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(file.headers.get('content-encoding')).toBe('br');
    }
  });

  it('remember whether somebody wants it dark', async () => {
    const visitor = new Visitor(app);
    const { location } = await visitor.submit('/login', '/theme', { theme: 'dark', next: '/login' });
    expect(location).toBe('/login');
    expect((await visitor.open('/login')).text).toContain('<html lang="en" data-theme="dark">');
    const { text } = await visitor.submit('/login', '/theme', { theme: '"><script>', next: '//evil.example' });
    expect(text).toBe('');
    expect((await visitor.open('/login')).text).toContain('<html lang="en"><head>');
  });
});
