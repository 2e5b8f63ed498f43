import { randomUUID } from 'node:crypto';
import { EntityManager } from '@mikro-orm/core';
import { SessionTokens } from '../../src/auth/sessions/session-token.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import { Clock } from '../../src/shared/time/clock.port.js';
import type { TestApp } from './app.ts';

/** Somebody with an account and a session, for specs that are not about registering and logging in. */
export interface Person {
  id: number;
  jwt: string;
}

/** Puts a person into the database, logged in for 24 hours, without the cost of hashing a password. */
export function newPerson(app: TestApp, email = `${randomUUID()}@example.org`): Promise<Person> {
  return settle(app, new User(email, email.toLowerCase(), 'no password', now(app)));
}

/** The same for somebody who may open the console. */
export function newAdmin(app: TestApp, email = `${randomUUID()}@example.org`): Promise<Person> {
  const user = new User(email, email.toLowerCase(), 'no password', now(app));
  user.promote();
  return settle(app, user);
}

function now(app: TestApp): Date {
  return app.nest.get(Clock, { strict: false }).now();
}

async function settle(app: TestApp, user: User): Promise<Person> {
  const em = app.nest.get(EntityManager, { strict: false }).fork();
  await em.persist(user).flush();
  const createdAt = now(app);
  const expiresAt = new Date(createdAt.getTime() + 86_400_000);
  const session = new Session(randomUUID(), user.id, createdAt, expiresAt, '127.0.0.1', 'spec');
  await em.persist(session).flush();
  return { id: user.id, jwt: app.nest.get(SessionTokens, { strict: false }).issue(session) };
}
