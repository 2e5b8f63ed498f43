import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import request from 'supertest';
import { expect, it } from 'vitest';
import { startApp } from '../support/app.ts';
import { newDatabase } from '../support/database.ts';
import { newPerson } from '../support/people.ts';
import { freePort } from '../support/ports.ts';
import { POSTGRES_URL } from '../support/services.ts';

/** A way to PostgreSQL that can be cut. */
async function cuttable(databaseUrl: string) {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  const open = async (at: number) => void (await once(server.listen(at, '127.0.0.1'), 'listening'));
  const nearPort = await freePort();
  await open(nearPort);
  const near = new URL(databaseUrl);
  near.host = `127.0.0.1:${nearPort}`;
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: near.href, cut, mend: () => open(nearPort) };
}

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
