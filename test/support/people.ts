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
export async function newPerson(app: TestApp, email = `${randomUUID()}@example.org`): Promise<Person> {
  const now = app.nest.get(Clock, { strict: false }).now();
  const em = app.nest.get(EntityManager, { strict: false }).fork();
  const user = new User(email, email.toLowerCase(), 'no password', now);
  await em.persist(user).flush();
  const expiresAt = new Date(now.getTime() + 86_400_000);
  const session = new Session(randomUUID(), user.id, now, expiresAt, '127.0.0.1', 'spec');
  await em.persist(session).flush();
  return { id: user.id, jwt: app.nest.get(SessionTokens, { strict: false }).issue(session) };
}
