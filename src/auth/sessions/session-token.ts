import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock } from '../../shared/time/clock.port.js';
import { Config } from '../../shared/config.js';
import { type Session, SKEW_SECONDS } from './session.entity.js';

const ISSUER = 'openrouter-monitor';
const AUDIENCE = 'openrouter-monitor-api';
const LONGEST_LIFE_SECONDS = 86_400;
const LONGEST_TOKEN = 2_048;
const SESSION_ID = /^[0-9a-f-]{36}$/;
const USER_ID = /^[1-9]\d{0,8}$/;

/** Which session a JWT claims to be of; only the database knows whether there is such a session. */
export interface SessionClaim {
  sessionId: string;
  userId: number;
}

/** What a person gets for logging in. */
export interface Pass {
  token: string;
  /** How long it is good, in seconds. */
  expiresIn: number;
}

interface Claims {
  sub: string;
  jti: string;
  iat: number;
  exp: number;
}

/** Writes and reads the JWTs that stand for sessions: HS256, nothing in the header but `alg` and `typ`. */
@Injectable()
export class SessionTokens {
  private readonly secrets: string[];

  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.secrets = [config.JWT_SECRET, config.JWT_SECRET_PREVIOUS].filter((secret) => secret !== undefined);
  }

  issue(session: Session): string {
    const claims = {
      sub: String(session.userId),
      jti: session.id,
      iat: seconds(session.createdAt),
      exp: seconds(session.expiresAt),
      iss: ISSUER,
      aud: AUDIENCE,
    };
    return this.jwt.sign(claims, { secret: this.secrets[0], algorithm: 'HS256' });
  }

  /** Null if the token is not one that this service has signed, or its time is over or has not come. */
  read(token: string): SessionClaim | null {
    if (token.length > LONGEST_TOKEN || !hasPlainHeader(token)) return null;
    const now = seconds(this.clock.now());
    const claims = this.secrets.map((secret) => this.verify(token, secret, now)).find((found) => found !== null);
    if (!claims || !isSound(claims, now)) return null;
    return { sessionId: claims.jti, userId: Number(claims.sub) };
  }

  private verify(token: string, secret: string, now: number): Partial<Claims> | null {
    try {
      return this.jwt.verify<Partial<Claims>>(token, {
        secret,
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        clockTimestamp: now,
        clockTolerance: SKEW_SECONDS,
      });
    } catch {
      return null;
    }
  }
}

/** A header that names keys, their addresses or extensions is refused before anybody looks at it more closely. */
function hasPlainHeader(token: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());
    const { alg, typ, ...others } = header as Record<string, unknown>;
    return alg === 'HS256' && typ === 'JWT' && Object.keys(others).length === 0;
  } catch {
    return false;
  }
}

function isSound(claims: Partial<Claims>, now: number): claims is Claims {
  const { sub, jti, iat, exp } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number' || typeof sub !== 'string') return false;
  if (typeof jti !== 'string' || !SESSION_ID.test(jti) || !USER_ID.test(sub)) return false;
  return iat <= now + SKEW_SECONDS && exp - iat <= LONGEST_LIFE_SECONDS;
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
