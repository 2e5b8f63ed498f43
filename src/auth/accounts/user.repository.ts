import type { User } from './user.entity.js';

/** Everybody who registered. To change one: find it, change it, leave the unit of work. */
export abstract class UserRepository {
  abstract add(user: User): void;
  /** As stored now; nobody else can change it until this unit of work ends. */
  abstract findToChange(id: number): Promise<User | null>;
  /** `emailKey` is the address in lower case. */
  abstract findByEmail(emailKey: string): Promise<User | null>;
  /** Closed accounts do not count. */
  abstract count(): Promise<number>;
  /** The ids of closed accounts that are still stored, lowest first. */
  abstract listClosedIds(): Promise<number[]>;
  /** Deletes a closed account for good, with all that hangs on it. */
  abstract discard(id: number): Promise<void>;
  /** Stores what has changed so far, so that a new user has its id. Throws EmailTaken. */
  abstract flush(): Promise<void>;
}
