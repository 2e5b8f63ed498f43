import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CannotOpen, Cipher, type SecretPlace } from '../../shared/secrets/cipher.port.js';
import { DomainError } from '../../shared/errors.js';
import { fingerprint } from '../../shared/secrets/secret.js';
import { LOGGER } from '../../shared/tokens.js';
import type { ApiKey } from '../api-key.entity.js';

/** Keeps the secrets of keys, each sealed for its own row. */
@Injectable()
export class KeyVault {
  constructor(
    private readonly cipher: Cipher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The key must have its id. */
  put(key: ApiKey, secret: string): void {
    key.keepSecret(this.cipher.seal(secret, placeOf(key)), fingerprint(secret));
  }

  /** Throws SecretUnreadable, and raises the alarm, when the stored text was changed or belongs to another row. */
  open(key: ApiKey): string {
    if (key.sealedSecret === null) throw new NoSecret();
    try {
      return this.cipher.open(key.sealedSecret, placeOf(key));
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      this.logger.error({ alarm: 'secret_unreadable', api_key_id: key.id }, error.message);
      throw new SecretUnreadable();
    }
  }
}

/** Where the secret of a key is stored; it opens nowhere else. */
function placeOf(key: ApiKey): SecretPlace {
  return { table: 'api_keys', id: key.id, column: 'sealed_secret' };
}

/** A discovered key: OpenRouter lists it, but its secret was never given to this service. */
export class NoSecret extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'no_secret';

  constructor() {
    super('This key was found through a management key; its secret is not stored here. Enter the secret to check it.');
  }
}

/** The secret of this one key cannot be read any more. */
export class SecretUnreadable extends DomainError {
  readonly refusal = 'unavailable';
  readonly code = 'secret_unreadable';

  constructor() {
    super('The stored secret of this key cannot be read. Enter the key again, and tell the operator.');
  }
}
