import request from 'supertest';
import type { TestApp } from './app.ts';

export const PASSWORD = 'correct horse battery staple';

/** For specs that are about registering and logging in, over HTTP as anybody does it. */
export const register = (app: TestApp, email: string, password = PASSWORD) =>
  request(app.url).post('/api/auth/register').send({ email, password });

export const logIn = (app: TestApp, email: string, password = PASSWORD) =>
  request(app.url).post('/api/auth/login').send({ email, password });

export const me = (app: TestApp, token: string) =>
  request(app.url).get('/api/auth/me').set('Authorization', `Bearer ${token}`);

/** Logs somebody in who has registered. */
export async function tokenOf(app: TestApp, email: string, password = PASSWORD): Promise<string> {
  const { body } = await logIn(app, email, password).expect(200);
  return (body as { access_token: string }).access_token;
}
