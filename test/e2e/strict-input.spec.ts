import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';

describe('what a request brings', () => {
  let app: TestApp;
  let ada: Person;
  let token: { id: number; token: string };
  beforeAll(async () => {
    app = await startApp();
    ada = await newPerson(app);
    const answer = await request(app.url).post('/api/tokens').set(as(ada.jwt)).send({ name: 'mine' }).expect(201);
    token = answer.body as typeof token;
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const as = (credential: string) => ({ Authorization: `Bearer ${credential}` });

  it.each(['0x1', '%201', '1%20', '%0a1', '1e0', '+1', '1.0', '01', '1%00'])('#38 %s is no id', async (id) => {
    expect(token.id).toBe(1);
    await request(app.url).delete(`/api/tokens/${id}`).set(as(ada.jwt)).expect(404);
    await request(app.url).get('/api/v1/keys').set(as(token.token)).expect(200);
  });

  it('#38 is refused where nothing in the query is read', async () => {
    const calls = [
      request(app.url).get('/api/v1/keys?limit=1').set(as(token.token)),
      request(app.url).get('/api/auth/me?limit=1').set(as(ada.jwt)),
      request(app.url).post('/api/auth/logout?limit=1').set(as(ada.jwt)),
      request(app.url).delete('/api/tokens/1?limit=1').set(as(ada.jwt)),
      request(app.url).get('/admin/jobs?limit=1').set(as(app.config.ADMIN_TOKEN!)),
      request(app.url).get('/api/tokens?constructor=1').set(as(ada.jwt)),
    ];
    for (const call of calls) {
      expect((await call.expect(422)).body).toMatchObject({ code: 'validation_failed', errors: [expect.any(Object)] });
    }
  });

  it('#35 is not looked at before the credential, and not where nothing is', async () => {
    await request(app.url).get('/api/v1/keys?limit=1').expect(401);
    await request(app.url).get('/api/v1/nothing?limit=1').set(as(token.token)).expect(404);
    await request(app.url).get('/health?_=1').expect(200);
  });
});
