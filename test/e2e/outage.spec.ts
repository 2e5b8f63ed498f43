import request from 'supertest';
import { afterEach, expect, it } from 'vitest';
import { ImpatientClient } from '../../src/database/impatient-client.js';
import { startApp } from '../support/app.ts';
import { cuttable } from '../support/cuttable.ts';
import { newDatabase } from '../support/database.ts';
import { newPerson } from '../support/people.ts';
import { POSTGRES_URL } from '../support/services.ts';

const PATIENCE_MS = ImpatientClient.patienceMs;
afterEach(() => void (ImpatientClient.patienceMs = PATIENCE_MS));

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

it.skipIf(!POSTGRES_URL)(
  '#69 PostgreSQL that goes silent is a 503 too, and its connections are not used again',
  async () => {
    await using database = await newDatabase('postgres');
    const way = await cuttable(database.url);
    await using app = await startApp({ databaseUrl: way.url });
    const ada = await newPerson(app);
    const call = () => request(app.url).get('/api/auth/me').set('Authorization', `Bearer ${ada.jwt}`);

    ImpatientClient.patienceMs = 1_000;
    way.silence();
    const answers = await Promise.all(Array.from({ length: 5 }, () => call()));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    ImpatientClient.patienceMs = PATIENCE_MS;

    await way.mend();
    for (let calls = 0; calls < 10; calls++) await call().expect(200);
    way.cut();
  },
);
