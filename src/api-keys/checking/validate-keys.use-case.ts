import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { Config } from '../../shared/config.js';
import { Pause } from '../../shared/time/pause.port.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { CheckStoredKey } from './check-stored-key.use-case.js';

const AT_ONCE = 4;

/** What is known of each key after its last question; null where asking it failed. */
type Answers = Map<number, KeyAnswer | null>;

/** The daily round: asks OpenRouter about every key that is switched on, a few at a time. */
@Injectable()
export class ValidateKeys {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly check: CheckStoredKey,
    private readonly config: Config,
    private readonly pause: Pause,
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Keys that were refused, or for which OpenRouter asked for some patience, are asked about again minutes later. */
  async execute(run: TaskRun): Promise<TaskFigures> {
    const patience = this.config.VALIDATION_CONFIRM_SECONDS;
    const ids = await this.unitOfWork.run(() => this.keys.listIdsWithSecret());
    const answers = await this.round(ids, run, new Map());
    const again = [...answers].filter(([, answer]) => isWorthAnotherTry(answer, patience)).map(([id]) => id);
    if (again.length > 0) {
      await this.pause.for(patience * 1000, run.signal);
      for (const [id, answer] of await this.round(again, run, answers)) answers.set(id, answer);
    }
    return figuresOf(answers);
  }

  /** Stops asking when the run is stopped, and throws when another instance has taken it over. */
  private async round(ids: number[], run: TaskRun, before: Answers): Promise<Answers> {
    const answers: Answers = new Map();
    const queue = ids.values();
    const work = async () => {
      for (const id of queue) {
        if (run.signal.aborted) return;
        const key = await this.read(id, run);
        if (!key) continue;
        const answer = await this.tryKey(key, run, before.get(id)?.outcome === 'refused');
        if (!run.signal.aborted) answers.set(id, answer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return answers;
  }

  /** Null when it was removed or switched off since the round began. */
  private async read(id: number, run: TaskRun): Promise<ApiKey | null> {
    const key = await this.unitOfWork.run(async () => {
      await run.stillOurs();
      return this.keys.find(id);
    });
    return key?.isSwitchedOn && key.sealedSecret !== null ? key : null;
  }

  /** Whatever goes wrong with one key does not keep the others from being checked. */
  private async tryKey(key: ApiKey, run: TaskRun, wasRefused: boolean): Promise<KeyAnswer | null> {
    try {
      return await this.check.execute(key, run, wasRefused);
    } catch (error) {
      if (run.signal.aborted) return null;
      this.logger.error({ err: error, api_key_id: key.id }, 'A key could not be checked');
      return null;
    }
  }
}

function isWorthAnotherTry(answer: KeyAnswer | null, patience: number): boolean {
  if (answer?.outcome === 'refused') return !answer.expired;
  if (answer?.outcome !== 'unreachable' || answer.retryAfterSeconds === null) return false;
  return answer.retryAfterSeconds <= patience;
}

function figuresOf(answers: Answers): TaskFigures {
  const count = (...outcomes: (KeyAnswer['outcome'] | undefined)[]) =>
    [...answers.values()].filter((answer) => outcomes.includes(answer?.outcome)).length;
  return {
    checked: answers.size,
    valid: count('known', 'no_credit'),
    refused: count('refused'),
    blocked: count('blocked'),
    unreachable: count('unreachable', 'unclear'),
    failed: count(undefined),
  };
}
