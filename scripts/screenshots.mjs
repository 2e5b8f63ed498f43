// `npm run screenshots`: every page of the demo, wide and as on a phone, light and dark, into screenshots/.
// `npm run screenshots -- keys stats` takes only the pages whose name begins so.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FOLDER = join(import.meta.dirname, '../screenshots');
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'];
const PATIENCE_MS = 120_000;

const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

/** By the name of the picture; `open`: what to open first, by selector. */
const BEFORE_LOGIN = { login: '/login', register: '/register' };
const PAGES = {
  dashboard: '/dashboard',
  'dashboard-365': '/dashboard?days=365',
  'dashboard-hours': '/dashboard?days=7&per=hour',
  'dashboard-yesterday': `/dashboard?start_date=${YESTERDAY}&end_date=${YESTERDAY}&by=key`,
  keys: '/keys',
  stats: '/stats',
  tokens: '/tokens',
  notifications: '/notifications',
  profile: '/profile',
  'console-upstreams': '/admin',
  'console-upstream': '/console/upstreams/new',
  'console-keys': '/console/keys',
  'console-key': '/console/keys/new',
  'console-logs': '/console/logs',
  'console-jobs': '/console/jobs',
  logout: '/logout',
  'not-found': '/nowhere',
};

const wanted = process.argv.slice(2);
const isWanted = ([name]) => wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix));

const demo = spawn(process.execPath, [join(import.meta.dirname, 'demo.mjs')], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const { url, email, password } = await logInOf(demo);
  mkdirSync(FOLDER, { recursive: true });
  for (const colorScheme of SCHEMES) {
    const context = await browser.newContext({ baseURL: url, colorScheme });
    const page = await context.newPage();
    for (const entry of Object.entries(BEFORE_LOGIN).filter(isWanted)) await picture(page, entry, colorScheme);
    await page.goto('/login');
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    await page.click('main [type=submit]');
    await page.waitForURL('**/dashboard');
    for (const entry of Object.entries(PAGES).filter(isWanted)) await picture(page, entry, colorScheme);
    await context.close();
  }
} finally {
  await browser.close();
  demo.kill('SIGTERM');
}

async function picture(page, [name, path], scheme) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await page.goto(path, { waitUntil: 'networkidle' });
    await page.screenshot({ path: join(FOLDER, `${name}-${size}-${scheme}.png`), fullPage: true });
  }
}

/** The demo prints where it is and how to log in. */
function logInOf({ stdout }) {
  return new Promise((resolve, reject) => {
    let text = '';
    setTimeout(() => reject(new Error('the demo did not start in time')), PATIENCE_MS).unref();
    stdout.on('data', (part) => {
      text += part;
      const [, url] = /Open\s+(\S+)/.exec(text) ?? [];
      const [, email, password] = /Log in\s+(\S+)\s+(\S+)\n/.exec(text) ?? [];
      if (url && password) resolve({ url, email, password });
    });
  });
}
