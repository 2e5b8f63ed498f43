import { DomainError } from '../../shared/errors.js';
import type { Role } from '../../shared/principal.js';

/** The longest e-mail address there can be (RFC 5321). */
export const LONGEST_EMAIL = 254;

/** A person who keeps keys here. The e-mail address is unique whatever its case, and shown as it was given. */
export class User {
  readonly id!: number;
  role: Role = 'user';
  /** A deactivated user's sessions and tokens are dead. */
  isActive = true;
  /** Since when the person has left; the account goes for good once all that hangs on it is gone. */
  closedAt: Date | null = null;

  constructor(
    public email: string,
    /** The address in lower case: what it is looked up by. */
    public emailKey: string,
    /** A PHC string, `$argon2id$…`. */
    public passwordHash: string,
    readonly createdAt: Date,
  ) {}

  /** Nobody gets in any more, nothing tells whose it was, and the address may register again. */
  close(now: Date): void {
    this.closedAt = now;
    this.isActive = false;
    this.email = this.emailKey = `closed account ${this.id}`;
    this.passwordHash = 'none';
  }

  promote(): void {
    this.role = 'admin';
  }
}

/** What an address is looked up by: its case does not matter, nor how its accents are written. */
export function emailKeyOf(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** Somebody has registered with this address. */
export class EmailTaken extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'email_taken';

  constructor() {
    super('Somebody has registered with this e-mail address. Log in, or use another one.');
  }
}

/** The operator lets nobody else register. */
export class RegistrationClosed extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'registration_closed';

  constructor() {
    super('Registration is closed. Ask the operator of this service for an account.');
  }
}

/** Unknown address, wrong password, deactivated user: nobody learns which. */
export class InvalidCredentials extends DomainError {
  readonly refusal = 'unauthorized';
  readonly code = 'invalid_credentials';

  constructor() {
    super('The e-mail address or the password is wrong. Check both and try again.');
  }
}

/** Somebody who is logged in does not know the password of the account. */
export class WrongPassword extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'wrong_password';

  constructor() {
    super('The current password is wrong. Check it and try again.');
  }
}
