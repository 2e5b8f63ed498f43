import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SessionRepository } from '../../src/auth/sessions/session.repository.js';
import { NotificationRepository } from '../../src/notifications/notification.repository.js';
import { UsageReports } from '../../src/usage/reading/usage.reports.js';
import { startApp, type TestApp } from '../support/app.ts';
import { type PageAnswer, Visitor } from '../support/visitor.ts';

const OUTAGE = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });

describe('a page that cannot be shown', () => {
  let app: TestApp;
  let ada: Visitor;
  beforeAll(async () => {
    app = await startApp();
    ada = await Visitor.loggedIn(app);
  });
  afterAll(() => app[Symbol.asyncDispose]());
  afterEach(() => vi.restoreAllMocks());

  const part = <T>(of: abstract new (...args: never[]) => T) => app.nest.get<T>(of as never, { strict: false });
  const expectPage = ({ headers, text }: PageAnswer, title: string) => {
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(text).toContain(`<h1>${title}</h1>`);
    expect(text).toContain(headers.get('x-request-id'));
    expect(text).not.toContain('10.0.0.1');
  };

  it('for a mistake of ours is a 500 of the house, which tells nothing but where to look it up', async () => {
    vi.spyOn(part(UsageReports), 'timeline').mockRejectedValue(new Error('no such host 10.0.0.1'));
    const answer = await ada.open('/dashboard');
    expect(answer.status).toBe(500);
    expectPage(answer, 'Our mistake');
    expect(answer.text).toContain('href="/dashboard" aria-current="page"');
    expect(app.logs.some((line) => line.includes('no such host'))).toBe(true);
  });

  it('for want of the database is a 503 of the house, which says when to try again', async () => {
    vi.spyOn(part(SessionRepository), 'findPrincipal').mockRejectedValue(OUTAGE);
    const answer = await ada.open('/dashboard');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expectPage(answer, 'Back in a moment');
  });

  it('for want of a database that went away meanwhile is the same', async () => {
    vi.spyOn(part(UsageReports), 'timeline').mockRejectedValue(OUTAGE);
    vi.spyOn(part(NotificationRepository), 'countUnread').mockRejectedValue(OUTAGE);
    const answer = await ada.open('/dashboard');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expectPage(answer, 'Back in a moment');
  });
});
