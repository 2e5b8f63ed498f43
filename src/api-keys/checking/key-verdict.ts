import type { KeyAnswer } from '../../open-router/open-router.port.js';
import type { ApiKey } from '../api-key.entity.js';

/**
 * What an answer of OpenRouter means for the key that was asked about. `isConfirmed`: the same refusal has come twice,
 * so that it counts at once.
 */
export function judge(key: ApiKey, answer: KeyAnswer, now: Date, isConfirmed = false): void {
  switch (answer.outcome) {
    case 'known':
      return key.confirm(answer.facts, now);
    case 'refused':
      return answer.expired ? key.expire(now) : key.refuse(now, isConfirmed);
    case 'blocked':
      return key.block(answer.detail);
    case 'no_credit':
      return key.runOutOfCredit(answer.detail, now);
    case 'unclear':
    case 'unreachable':
      return key.miss(now);
  }
}
