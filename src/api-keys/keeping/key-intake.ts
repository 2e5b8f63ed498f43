import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { Config } from '../../shared/config.js';
import { DomainError, Unprocessable } from '../../shared/errors.js';
import { fingerprint } from '../../shared/secrets/secret.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { type CheckedAnswer, KeyCheck } from '../checking/key-check.js';
import { KeyVault } from './key-vault.js';
import { judge } from '../checking/key-verdict.js';
import { secretIn } from './pasted-secret.js';

/** Secrets that a person may paste per minute, besides as many as they may keep. */
const MISTAKES_PER_MINUTE = 30;

/** A secret that somebody pasted, and what OpenRouter says about it. */
export interface Candidate extends CheckedAnswer {
  secret: string;
  secretHash: string;
}

/** The way of a secret into this service: read, asked about, admitted, stored. */
@Injectable()
export class KeyIntake {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly check: KeyCheck,
    private readonly vault: KeyVault,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks OpenRouter about what was pasted, so call it outside units of work. Refuses a key that OpenRouter refuses; when
   * OpenRouter cannot be asked, the candidate passes. `key`: the one that is to get this secret, if it exists already.
   */
  async examine(userId: number, pasted: string, key: ApiKey | null): Promise<Candidate> {
    const secret = secretIn(pasted);
    const secretHash = fingerprint(secret);
    // Before OpenRouter is bothered; it is asked again when it counts.
    await this.admit(userId, secretHash, key);
    const most = this.config.MAX_API_KEYS_PER_USER + MISTAKES_PER_MINUTE;
    const checked = await this.check.ask(secret, `paste-key:${userId}`, most);
    if (checked.answer.outcome === 'refused' && checked.isConfirmed) throw refusalOf(checked.answer.expired);
    return { secret, secretHash, ...checked };
  }

  /** Refuses a secret that another key of the user has, and one registered key too many. */
  async admit(userId: number, secretHash: string, key: ApiKey | null): Promise<void> {
    const known = await this.keys.findBySecretHash(userId, secretHash);
    if (known && known.id !== key?.id) throw new KeyAlreadyRegistered(known.name);
    const isOneMore = !key || key.kind === 'discovered';
    const most = this.config.MAX_API_KEYS_PER_USER;
    if (isOneMore && (await this.keys.countRegistered(userId)) >= most) throw new KeyLimitReached(most);
  }

  /** The user's discovered key whose secret this is, if a management key has shown it before. */
  async discoveredTwin(userId: number, candidate: Candidate): Promise<ApiKey | null> {
    const twins = (await this.keys.listOf(userId)).filter((key) => isTwin(key, candidate));
    return twins.find((key) => key.openRouterHash === candidate.secretHash) ?? (twins.length === 1 ? twins[0]! : null);
  }

  /** Seals the secret for the key, which must have its id, and tells the key what OpenRouter said. */
  store(key: ApiKey, candidate: Candidate): void {
    if (key.kind === 'discovered') {
      if (!isTwin(key, candidate)) throw new Unprocessable({ field: 'key', message: OTHER_KEY });
      key.adopt();
    }
    this.vault.put(key, candidate.secret);
    judge(key, candidate.answer, this.clock.now(), candidate.isConfirmed);
  }
}

const OTHER_KEY = 'This is the secret of another key. Paste the one of this key, or add it as a new key.';

/** Usage only grows, so a key that has used less is another one with the same ends. */
function isTwin(key: ApiKey, { secret, secretHash, answer }: Candidate): boolean {
  const facts = answer.outcome === 'known' ? answer.facts : null;
  if (facts && facts.usage < key.usageTotal && key.openRouterHash !== secretHash) return false;
  return key.mayHaveSecret(secret, secretHash, facts?.label ?? null);
}

function refusalOf(isExpired: boolean): Unprocessable {
  const message = isExpired
    ? 'This key has expired. Make a new one at OpenRouter and paste that.'
    : 'OpenRouter does not accept this key. Check that you pasted all of it and that it was not disabled or deleted.';
  return new Unprocessable({ field: 'key', message });
}

/** The user already keeps this very key. */
export class KeyAlreadyRegistered extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'key_already_registered';

  constructor(name: string) {
    super(`You have already added this key, under the name "${name}".`);
  }
}

/** The user keeps as many keys as are allowed. */
export class KeyLimitReached extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'key_limit_reached';

  constructor(most: number) {
    super(`You can add ${most} keys at most. Remove one that you no longer need.`);
  }
}
