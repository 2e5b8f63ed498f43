import { Module } from '@nestjs/common';
import { OpenRouterModule } from '../open-router/open-router.module.js';
import { AddKey } from './add-key.use-case.js';
import { MikroApiKeyRepository } from './api-key.repository.mikro.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ChangeKey } from './change-key.use-case.js';
import { CheckStoredKey } from './check-stored-key.use-case.js';
import { KeyCheck } from './key-check.js';
import { KeyIntake } from './key-intake.js';
import { KeyVault } from './key-vault.js';
import { KeyWatch } from './key-watch.js';
import { RecordKeyAnswer } from './record-key-answer.use-case.js';
import { RemoveKey } from './remove-key.use-case.js';
import { ValidateKey } from './validate-key.use-case.js';
import { ValidateKeys } from './validate-keys.use-case.js';

/** The OpenRouter keys that people keep here, and what is known of them. */
@Module({
  imports: [OpenRouterModule],
  controllers: [ApiKeysController],
  providers: [
    AddKey,
    ChangeKey,
    CheckStoredKey,
    KeyCheck,
    KeyIntake,
    KeyVault,
    KeyWatch,
    RecordKeyAnswer,
    RemoveKey,
    ValidateKey,
    ValidateKeys,
    { provide: ApiKeyRepository, useClass: MikroApiKeyRepository },
  ],
  exports: [
    AddKey,
    ApiKeyRepository,
    ChangeKey,
    KeyVault,
    KeyWatch,
    RecordKeyAnswer,
    RemoveKey,
    ValidateKey,
    ValidateKeys,
  ],
})
export class ApiKeysModule {}
