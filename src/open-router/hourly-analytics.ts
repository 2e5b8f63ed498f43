import { addHours, type Hour, hoursBetween, startOfHour } from '../shared/time/hour.js';
import type { HourUsage, KeyHours, NamedKey } from './open-router.port.js';
import { HOUR_METRICS } from './usage.wire.js';

const MOST_ROWS = 10_000;
/** Keys in one question. */
const MOST_KEYS = 100;
/** Analytics takes 64 questions a minute, from everybody who asks for the account. */
const MOST_QUESTIONS = 20;

/** What was used through the key of that name. */
export interface NamedHour {
  key: string;
  usage: HourUsage;
}

/** One answer of analytics: its rows, and whether there are more than it may have. */
export interface HourlyAnswer {
  rows: NamedHour[];
  isTruncated: boolean;
}

type Ask = (question: object) => Promise<HourlyAnswer>;

/** Asks for the hours of many keys at once, and for shorter times where an answer is cut short. */
export class HourlyAnalytics {
  private asked = 0;

  constructor(private readonly ask: Ask) {}

  async of(keys: readonly NamedKey[], from: Hour, through: Hour): Promise<KeyHours[]> {
    const told: KeyHours[] = [];
    for (const group of groupsOf(keys)) told.push(...(await this.hoursOf(group, from, through)));
    return told;
  }

  /** Oldest first, so that what is told has no gap; the next time begins where this one had to end. */
  private async hoursOf(keys: readonly NamedKey[], from: Hour, through: Hour): Promise<KeyHours[]> {
    const rows: NamedHour[] = [];
    let start = from;
    let length = hoursBetween(from, through);
    while (start <= through && this.asked < MOST_QUESTIONS) {
      const last = addHours(start, length - 1);
      const end = last < through ? last : through;
      this.asked++;
      const answer = await this.ask(questionFor(keys, start, end));
      if (!answer.isTruncated) {
        rows.push(...answer.rows.filter(({ usage: { hour } }) => hour >= start && hour <= end));
        start = addHours(end, 1);
      } else if (length > 1) {
        length = Math.ceil(length / 2);
      } else {
        break;
      }
    }
    return start === from ? [] : shared(rows, keys, addHours(start, -1));
  }
}

/** Answers name keys by names, which need not differ: in each group they do. */
function groupsOf(keys: readonly NamedKey[]): NamedKey[][] {
  const groups: Map<string, NamedKey>[] = [];
  for (const key of keys) {
    const fitting = groups.find((group) => group.size < MOST_KEYS && !group.has(key.name));
    if (fitting) fitting.set(key.name, key);
    else groups.push(new Map([[key.name, key]]));
  }
  return groups.map((group) => [...group.values()]);
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

/** Gives each key its rows. Where only one was asked about, all are its own, whatever it is called by now. */
function shared(rows: NamedHour[], keys: readonly NamedKey[], through: Hour): KeyHours[] {
  const byName = Map.groupBy(rows, ({ key }) => key);
  return keys.map(({ hash, name }) => {
    const own = keys.length === 1 ? rows : (byName.get(name) ?? []);
    return { hash, through, usage: own.map(({ usage }) => usage) };
  });
}
