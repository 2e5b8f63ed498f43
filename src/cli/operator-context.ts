import { MikroORM } from '@mikro-orm/core';
import type { INestApplicationContext, Type } from '@nestjs/common';
import type { Logger } from 'pino';
import { databaseOptions } from '../database/mikro-orm.config.js';
import { AesCipher } from '../shared/secrets/cipher.aes.js';
import type { Cipher } from '../shared/secrets/cipher.port.js';
import type { Config } from '../shared/config.js';

/** What a command works with. Whatever it has opened is closed when the command is over. */
export class OperatorContext implements AsyncDisposable {
  private app: INestApplicationContext | undefined;
  private orm: MikroORM | undefined;

  constructor(
    readonly config: Config,
    private readonly logger: Logger,
  ) {}

  /** A part of the service, which is built as `npm start` builds it, migrated, and does not listen. */
  async part<T>(type: Type<T> | (abstract new (...parts: never[]) => T)): Promise<T> {
    // Imported late: not every command needs the whole service.
    const { buildApp } = await import('../app.js');
    this.app ??= await buildApp(this.config, this.logger);
    return this.app.get(type, { strict: false });
  }

  /** The database alone, as it is: nothing is migrated. */
  async database(): Promise<MikroORM> {
    return (this.orm ??= await MikroORM.init(databaseOptions(this.config.DATABASE_URL)));
  }

  cipher(): Cipher {
    return new AesCipher(this.config.ENCRYPTION_KEY, this.config.ENCRYPTION_KEYS_PREVIOUS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app?.close();
    await this.orm?.close();
  }
}
