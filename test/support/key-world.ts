import { pino } from 'pino';
import { AddKey } from '../../src/api-keys/keeping/add-key.use-case.js';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { ChangeKey } from '../../src/api-keys/keeping/change-key.use-case.js';
import { CheckStoredKey } from '../../src/api-keys/checking/check-stored-key.use-case.js';
import { KeyCheck } from '../../src/api-keys/checking/key-check.js';
import { KeyIntake } from '../../src/api-keys/keeping/key-intake.js';
import { KeyVault } from '../../src/api-keys/keeping/key-vault.js';
import { KeyWatch } from '../../src/api-keys/checking/key-watch.js';
import { RecordKeyAnswer } from '../../src/api-keys/checking/record-key-answer.use-case.js';
import { ValidateKey } from '../../src/api-keys/checking/validate-key.use-case.js';
import { ValidateKeys } from '../../src/api-keys/checking/validate-keys.use-case.js';
import { InboxNotifier } from '../../src/notifications/notifier.inbox.js';
import { AesCipher } from '../../src/shared/secrets/cipher.aes.js';
import { Config } from '../../src/shared/config.js';
import { MemoryRateLimitStore } from '../fakes/rate-limit.memory.ts';
import { MemoryApiKeyRepository } from '../fakes/api-key.repository.memory.ts';
import { MemoryAuditLog } from '../fakes/audit.memory.ts';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { MemoryNotificationRepository } from '../fakes/notification.repository.memory.ts';
import { FakeOpenRouter } from '../fakes/open-router.fake.ts';
import { FakePause } from '../fakes/pause.fake.ts';
import { MemoryUnitOfWork } from '../fakes/unit-of-work.memory.ts';

const SETTINGS = { ENCRYPTION_KEY: 'k'.repeat(43), JWT_SECRET: 'a secret for tests that has enough bytes' };

/** Everything that has to do with keys, real but for the database, OpenRouter and the time. */
export function newKeyWorld(settings: Record<string, string> = {}) {
  const config = Config.from({ ...SETTINGS, ...settings });
  const logs: string[] = [];
  const logger = pino({}, { write: (line: string) => void logs.push(line) });
  const clock = new FixedClock();
  const pause = new FakePause(clock);
  const keys = new MemoryApiKeyRepository();
  const notifications = new MemoryNotificationRepository();
  const openRouter = new FakeOpenRouter();
  const audit = new MemoryAuditLog();
  const unitOfWork = new MemoryUnitOfWork();
  const vault = new KeyVault(new AesCipher(config.ENCRYPTION_KEY), logger);
  const check = new KeyCheck(openRouter, pause, new MemoryRateLimitStore(clock));
  const watch = new KeyWatch(new InboxNotifier(notifications, clock), clock);
  const intake = new KeyIntake(keys, check, vault, config, clock);
  const record = new RecordKeyAnswer(keys, watch, unitOfWork);
  const checkStored = new CheckStoredKey(vault, openRouter, record);
  return {
    config,
    logs,
    clock,
    pause,
    keys,
    notifications,
    openRouter,
    audit,
    unitOfWork,
    vault,
    watch,
    record,
    addKey: new AddKey(keys, intake, audit, clock, unitOfWork),
    changeKey: new ChangeKey(keys, intake, audit, unitOfWork),
    validateKey: new ValidateKey(keys, vault, check, record),
    validateKeys: new ValidateKeys(keys, checkStored, config, pause, unitOfWork, logger),
    /** A key as it lies in the database, without OpenRouter having been asked. */
    storedKey(secret: string, changes: Partial<ApiKey> = {}): ApiKey {
      const key = Object.assign(new ApiKey(1, 'Key', 'standard', clock.now()), { status: 'valid' }, changes);
      keys.add(key);
      vault.put(key, secret);
      return key;
    },
    /** A key that a management key has shown. */
    discoveredKey(changes: Partial<ApiKey> = {}): ApiKey {
      const key = Object.assign(new ApiKey(1, 'Found', 'discovered', clock.now()), { status: 'valid' }, changes);
      keys.add(key);
      return key;
    },
  };
}

export type KeyWorld = ReturnType<typeof newKeyWorld>;
