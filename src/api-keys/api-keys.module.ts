import { Module } from '@nestjs/common';
import { OpenRouterModule } from '../open-router/open-router.module.js';
import { AddKey } from './keeping/add-key.use-case.js';
import { MikroApiKeyRepository } from './api-key.repository.mikro.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ChangeKey } from './keeping/change-key.use-case.js';
import { CheckStoredKey } from './checking/check-stored-key.use-case.js';
import { KeyCheck } from './checking/key-check.js';
import { KeyIntake } from './keeping/key-intake.js';
import { KeyVault } from './keeping/key-vault.js';
import { KeyWatch } from './checking/key-watch.js';
import { RecordKeyAnswer } from './checking/record-key-answer.use-case.js';
import { Removals } from './keeping/removals.js';
import { RemoveKey } from './keeping/remove-key.use-case.js';
import { ValidateKey } from './checking/validate-key.use-case.js';
import { ValidateKeys } from './checking/validate-keys.use-case.js';

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
    Removals,
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
    Removals,
    RemoveKey,
    ValidateKey,
    ValidateKeys,
  ],
})
export class ApiKeysModule {}
