import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, Length, MaxLength } from 'class-validator';
import type { Role } from '../shared/principal.js';
import type { Pass } from './sessions/session-token.js';
import { LONGEST_EMAIL, type User } from './accounts/user.entity.js';

const LEAST_PASSWORD = 8;
const MOST_PASSWORD = 1000;

/** An e-mail address, without the spaces around it. Half a character is none: IsEmail would break over it. */
const IsAddress = () =>
  applyDecorators(
    ApiProperty({ format: 'email', maxLength: LONGEST_EMAIL }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toWellFormed() : value)),
    IsEmail({ blacklisted_chars: '"\uFFFD' }),
    MaxLength(LONGEST_EMAIL),
  );

/** Who wants an account. */
export class Registration {
  /** Upper and lower case are the same to us. @example "ada@example.com" */
  @IsAddress()
  email!: string;

  /** Anything of 8 characters or more (15 or more is wise) but the most common passwords. @example "four words or more" */
  @IsString()
  @Length(LEAST_PASSWORD, MOST_PASSWORD)
  password!: string;
}

/** Who wants to come in. */
export class Credentials {
  /** The e-mail address of your account. @example "ada@example.com" */
  @IsAddress()
  email!: string;

  /** The password of your account. @example "four words or more" */
  @IsString()
  @Length(1, MOST_PASSWORD)
  password!: string;
}

/** Another password in place of the current one. */
export class NewPassword {
  /** The password that is good now. @example "four words or more" */
  @IsString()
  @Length(1, MOST_PASSWORD)
  current_password!: string;

  /** Anything of 8 characters or more (15 or more is wise) but the most common passwords. @example "other words this time" */
  @IsString()
  @Length(LEAST_PASSWORD, MOST_PASSWORD)
  new_password!: string;
}

/** The password once more, because what follows cannot be undone. */
export class Farewell {
  /** The password of your account. @example "four words or more" */
  @IsString()
  @Length(1, MOST_PASSWORD)
  password!: string;
}

/** A new account. */
export class Registered {
  /** The number of your account. @example 7 */
  id!: number;

  /** The e-mail address as it was given. @example "ada@example.com" */
  email!: string;

  /** When the account was made. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  static of({ id, email, createdAt }: Pick<User, 'id' | 'email' | 'createdAt'>): Registered {
    return { id, email, created_at: createdAt.toISOString() };
  }
}

/** The key to everything that is yours. Keep it secret. */
export class AccessToken {
  /** A JWT that stands for this session. @example "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.signature" */
  access_token!: string;

  /** How to send it: `Authorization: Bearer …`. @example "bearer" */
  token_type!: 'bearer';

  /** How long it is good, in seconds. @example 86400 */
  expires_in!: number;

  static of({ token, expiresIn }: Pass): AccessToken {
    return { access_token: token, token_type: 'bearer', expires_in: expiresIn };
  }
}

/** Who you are to this service. */
export class Me {
  /** The number of your account. @example 7 */
  id!: number;

  /** The e-mail address as it was given. @example "ada@example.com" */
  email!: string;

  /** An admin may also use the gateway console and /admin. @example "user" */
  role!: Role;

  /** When the account was made. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  static of({ id, email, role, createdAt }: Pick<User, 'id' | 'email' | 'role' | 'createdAt'>): Me {
    return { id, email, role, created_at: createdAt.toISOString() };
  }
}
