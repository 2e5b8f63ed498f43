import { Injectable } from '@nestjs/common';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { Notifier } from '../../shared/notifier.port.js';
import type { ApiKey } from '../api-key.entity.js';
import { newsAbout } from './key-news.js';
import { judge } from './key-verdict.js';

/** Changes what is known of a key and tells its owner what is worth telling. Call it inside a unit of work. */
@Injectable()
export class KeyWatch {
  constructor(
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  /** Applies an answer of OpenRouter about this very key. `isConfirmed`: the same refusal has come twice. */
  judge(key: ApiKey, answer: KeyAnswer, { isConfirmed = false } = {}): Promise<void> {
    return this.change(key, (now) => judge(key, answer, now, isConfirmed));
  }

  /** Applies other evidence, such as what a management key shows. */
  async change(key: ApiKey, evidence: (now: Date) => void): Promise<void> {
    const now = this.clock.now();
    const before = key.status;
    evidence(now);
    for (const news of newsAbout(key, before, now)) await this.notifier.tell(news);
  }
}
