import { addHours, type Hour, hoursBetween, startOfHour } from '../shared/time/hour.js';
import { groupsOf, type HourlyAnswer, type KeyGroup } from './key-group.js';
import { isFromOpenRouter, type KeyHours, type NamedKey, type WantedHours } from './open-router.port.js';
import { HOUR_METRICS } from './usage.wire.js';

const MOST_ROWS = 10_000;
/** Analytics takes 64 questions a minute, from everybody who asks for the account. */
const MOST_QUESTIONS = 20;

type Ask = (question: object) => Promise<HourlyAnswer>;

/** Asks for the hours of many keys at once, and for shorter times where an answer is cut short. */
export class HourlyAnalytics {
  private asked = 0;

  constructor(private readonly ask: Ask) {}

  async of(wanted: readonly WantedHours[], through: Hour): Promise<KeyHours[]> {
    const groups = groupsOf(wanted);
    try {
      for (const group of groups) await this.askAbout(group, through);
    } catch (error) {
      if (!isFromOpenRouter(error) || !groups.some(({ isBegun }) => isBegun)) throw error;
      // What was told until then holds; the rest is asked for the next time.
    }
    return groups.flatMap((group) => group.told());
  }

  /** Oldest first, so that what is told has no gap; the next time begins where this one had to end. */
  private async askAbout(group: KeyGroup, through: Hour): Promise<void> {
    let length = hoursBetween(group.next, through);
    while (group.next <= through && this.asked < MOST_QUESTIONS) {
      const last = addHours(group.next, length - 1);
      const end = last < through ? last : through;
      this.asked++;
      const answer = await this.ask(questionFor(group.keys, group.next, end));
      if (!answer.isTruncated) group.take(answer, end);
      else if (length > 1) length = Math.ceil(length / 2);
      else return;
    }
  }
}

function questionFor(keys: readonly NamedKey[], from: Hour, through: Hour): object {
  return {
    metrics: HOUR_METRICS,
    dimensions: ['api_key_id', 'model'],
    granularity: 'hour',
    time_range: { start: startOfHour(from).toISOString(), end: startOfHour(addHours(through, 1)).toISOString() },
    filters: [{ field: 'api_key_id', operator: 'in', value: keys.map(({ hash }) => hash) }],
    limit: MOST_ROWS,
  };
}
