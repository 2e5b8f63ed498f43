import { SessionCookie } from '../../src/web/session/session-cookie.js';
import type { TestApp } from './app.ts';
import { newPerson, type Person } from './people.ts';

/** An answer, with what a spec asks of it. */
export interface PageAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** Where the answer leads, if it leads anywhere. */
  location: string | null;
}

/** A browser without scripts: keeps cookies, follows no redirect by itself, sends forms as browsers do. */
export class Visitor {
  readonly cookies = new Map<string, string>();

  constructor(readonly app: TestApp) {}

  /** Somebody who has logged in. */
  static async loggedIn(app: TestApp, person?: Person): Promise<Visitor & { person: Person }> {
    const known = person ?? (await newPerson(app));
    const visitor = new Visitor(app);
    visitor.cookies.set(app.nest.get(SessionCookie, { strict: false }).name, known.jwt);
    return Object.assign(visitor, { person: known });
  }

  open(path: string, headers: Record<string, string> = {}): Promise<PageAnswer> {
    return this.send(path, { headers });
  }

  /** Sends a form with the token of the page at `from`. */
  async submit(from: string, path: string, fields: Record<string, string> = {}): Promise<PageAnswer> {
    const { text } = await this.open(from);
    return this.post(path, { form_token: tokenIn(text), ...fields });
  }

  /** Sends a form as it is, without a token if none is given. */
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<PageAnswer> {
    const own = { origin: this.app.url, 'sec-fetch-site': 'same-origin' };
    return this.send(path, { method: 'POST', body: new URLSearchParams(fields), headers: { ...own, ...headers } });
  }

  async send(path: string, init: RequestInit): Promise<PageAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...(cookie && { cookie }), ...(init.headers as Record<string, string>) };
    const answer = await fetch(this.app.url + path, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, location: answer.headers.get('location') };
  }

  private keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name!);
    else this.cookies.set(name!, value!);
  }
}

/** The token in the first form of a page. */
export function tokenIn(html: string): string {
  return /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
}
