import { type EntityManager, LockMode } from '@mikro-orm/core';
import { SqlitePlatform } from '@mikro-orm/sql';

/** Whether this is SQLite, for the few words that it does not share with PostgreSQL. */
export function isSqlite(em: EntityManager): boolean {
  return em.getPlatform() instanceof SqlitePlatform;
}

/** How to find a row that is to be changed: nobody else can change it until this unit of work ends. */
export function toChange(em: EntityManager): { refresh: true; lockMode?: LockMode.PESSIMISTIC_WRITE } {
  // SQLite has one writer at a time as it is, and no word for this.
  return isSqlite(em) ? { refresh: true } : { refresh: true, lockMode: LockMode.PESSIMISTIC_WRITE };
}
