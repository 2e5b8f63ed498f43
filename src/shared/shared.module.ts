import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AesCipher } from './secrets/cipher.aes.js';
import { Cipher } from './secrets/cipher.port.js';
import { Clock } from './time/clock.port.js';
import { Config } from './config.js';
import { Pause } from './time/pause.port.js';
import { SystemPause } from './time/pause.system.js';
import { LOGGER } from './tokens.js';

/** What every module may ask for: settings, log, clock, cipher. */
@Global()
@Module({})
export class SharedModule {
  static with(config: Config, logger: Logger, clock: Clock): DynamicModule {
    const cipher = new AesCipher(config.ENCRYPTION_KEY, config.ENCRYPTION_KEYS_PREVIOUS);
    return {
      module: SharedModule,
      providers: [
        { provide: Config, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Cipher, useValue: cipher },
        { provide: Clock, useValue: clock },
        { provide: Pause, useClass: SystemPause },
      ],
      exports: [Config, LOGGER, Cipher, Clock, Pause],
    };
  }
}
