import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { SessionCookie } from '../../src/web/session/session-cookie.js';
import type { TestApp } from './app.ts';
import type { Person } from './people.ts';
import { CHROMIUM } from './services.ts';

/** Generous, because the machine may be busy with other specs. */
const PATIENCE_MS = 60_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** A real browser; one for each spec file. Whatever it complains about is collected in `complaints`. */
export class Surfer implements AsyncDisposable {
  /** Violations of the content policy, errors in the console, scripts that threw, dialogs that nobody asked for. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly app: TestApp,
  ) {}

  static async start(app: TestApp): Promise<Surfer> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      timeout: PATIENCE_MS,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    return new Surfer(browser, app);
  }

  /** A fresh profile with one open page; `person`: who is logged in there. */
  async newPage(options: { person?: Person; script?: boolean; width?: number } = {}): Promise<Page> {
    const { person, script = true, width = 1280 } = options;
    const viewport = { width, height: 900 };
    const context = await this.browser.newContext({ baseURL: this.app.url, javaScriptEnabled: script, viewport });
    context.setDefaultTimeout(PATIENCE_MS);
    if (person) await this.logIn(context, person);
    const page = await context.newPage();
    page.on('console', (message) => {
      // A form that was not accepted is answered with a status above 400, which Chromium calls an error.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (['error', 'warning'].includes(message.type()) && !isRefusal) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return page;
  }

  private async logIn(context: BrowserContext, { jwt }: Person): Promise<void> {
    const { name } = this.app.nest.get(SessionCookie, { strict: false });
    await context.addCookies([{ name, value: jwt, url: this.app.url, httpOnly: true, sameSite: 'Lax' }]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

/** What axe finds wrong with a page in light and in dark, one line each; scripts must be on. */
export async function barriersOn(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // By way of the debugger: the page's own policy lets no foreign script in.
    const violations = await page.evaluate<Finding[]>(`(() => { ${AXE}; })(), axe.run().then((all) => all.violations)`);
    for (const { id, help, nodes } of violations) {
      const places = nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`);
      found.push(`${colorScheme}: ${id}: ${help}: ${places.join('; ').replaceAll(/\s+/g, ' ')}`);
    }
  }
  return found;
}
