import { Module } from '@nestjs/common';
import { MikroApiKeyRepository } from './api-key.repository.mikro.js';
import { ApiKeyRepository } from './api-key.repository.js';

/** The OpenRouter keys that people keep here, and what is known of them. */
@Module({
  providers: [{ provide: ApiKeyRepository, useClass: MikroApiKeyRepository }],
  exports: [ApiKeyRepository],
})
export class ApiKeysModule {}
