import { DomainError } from '../../shared/errors.js';

/** Clocks of different machines may differ by this much. */
export const SKEW_SECONDS = 60;

const LONGEST_IP = 45;
const LONGEST_USER_AGENT = 200;

/** Whence somebody comes. */
export interface Client {
  ip: string;
  userAgent: string;
}

/** A person is logged in on one device. Its JWT is good only while this row exists. */
export class Session {
  readonly ip: string;
  readonly userAgent: string;

  constructor(
    /** The `jti` of its JWT. */
    readonly id: string,
    readonly userId: number,
    readonly createdAt: Date,
    readonly expiresAt: Date,
    ip: string,
    userAgent: string,
  ) {
    this.ip = ip.slice(0, LONGEST_IP);
    this.userAgent = userAgent.slice(0, LONGEST_USER_AGENT);
  }
}

/** There is no session behind a request, whatever the reason. */
export class NotLoggedIn extends DomainError {
  readonly refusal = 'unauthorized';
  readonly code = 'unauthorized';

  constructor() {
    super('Log in first, and send the access token as "Authorization: Bearer …".');
  }
}

/** A request to /admin comes from somebody who is no admin, whatever the reason. */
export class NotAnAdmin extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'forbidden';

  constructor() {
    super('Only admins may do this. Send the ADMIN_TOKEN, or the access token of an admin.');
  }
}
