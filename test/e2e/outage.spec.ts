import request from 'supertest';
import { expect, it } from 'vitest';
import { startApp } from '../support/app.ts';
import { cuttable } from '../support/cuttable.ts';
import { newDatabase } from '../support/database.ts';
import { newPerson } from '../support/people.ts';
import { POSTGRES_URL } from '../support/services.ts';

it.skipIf(!POSTGRES_URL)('#69 PostgreSQL away is a 503 with Retry-After, and soon as if nothing had been', async () => {
  await using database = await newDatabase('postgres');
  const way = await cuttable(database.url);
  await using app = await startApp({ databaseUrl: way.url });
  const ada = await newPerson(app);
  const call = (path: string) => request(app.url).get(path).set('Authorization', `Bearer ${ada.jwt}`);
  await call('/api/auth/me').expect(200);

  way.cut();
  for (const path of ['/api/auth/me', '/api/keys', '/admin/jobs']) {
    const { body, headers } = await call(path).expect(503);
    expect(body).toMatchObject({ code: 'unavailable', status: 503 });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
  await request(app.url).get('/health').expect(200);
  await request(app.url).get('/ready').expect(503);

  await way.mend();
  await call('/api/auth/me').expect(200);
  way.cut();
});
