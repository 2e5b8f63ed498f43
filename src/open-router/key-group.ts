import { addHours, type Hour } from '../shared/time/hour.js';
import type { HourUsage, KeyHours, WantedHours } from './open-router.port.js';

/** Keys in one question. */
const MOST_KEYS = 100;

/** What was used through the key of that name. */
export interface NamedHour {
  key: string;
  usage: HourUsage;
}

/** One answer of analytics: its rows, and whether there are more than it may have. */
export interface HourlyAnswer {
  rows: NamedHour[];
  /** For each row that cannot be read the key it names, null if it names none. */
  unclear: (string | null)[];
  isTruncated: boolean;
}

/** Keys of different names, so that one question can be about them all, and what analytics has told of them. */
export class KeyGroup {
  /** The first hour that is not told yet. */
  next: Hour;
  /** Whether any of its hours are told. */
  isBegun = false;
  private readonly rows: NamedHour[] = [];
  private readonly unclear = new Set<string | null>();

  constructor(readonly keys: readonly WantedHours[]) {
    this.next = keys.map(({ from }) => from).reduce((first, other) => (other < first ? other : first));
  }

  /** Takes over what was told of the hours up to `end`. */
  take({ rows, unclear }: HourlyAnswer, end: Hour): void {
    this.rows.push(...rows.filter(({ usage: { hour } }) => hour >= this.next && hour <= end));
    for (const key of unclear) this.unclear.add(key);
    this.next = addHours(end, 1);
    this.isBegun = true;
  }

  /** Gives each key its rows. Of one of whose rows some cannot be read nothing is told: a part is not the whole. */
  told(): KeyHours[] {
    const through = addHours(this.next, -1);
    const byName = Map.groupBy(this.rows, ({ key }) => key);
    const told = this.clearKeys().filter(({ from }) => from <= through);
    return told.map(({ hash, name, from }) => {
      const own = this.isOfOne ? this.rows : (byName.get(name) ?? []);
      return { hash, from, through, usage: own.map(({ usage }) => usage).filter(({ hour }) => hour >= from) };
    });
  }

  private clearKeys(): readonly WantedHours[] {
    const names = new Set<string | null>(this.keys.map(({ name }) => name));
    const mayBeAnybodys = [...this.unclear].some((name) => this.isOfOne || !names.has(name));
    return mayBeAnybodys ? [] : this.keys.filter(({ name }) => !this.unclear.has(name));
  }

  /** Where only one was asked about, all rows are its own, whatever it is called by now. */
  private get isOfOne(): boolean {
    return this.keys.length === 1;
  }
}

/** Answers name keys by names, which need not differ: in each group they do. */
export function groupsOf(wanted: readonly WantedHours[]): KeyGroup[] {
  const groups: Map<string, WantedHours>[] = [];
  for (const key of wanted) {
    const fitting = groups.find((group) => group.size < MOST_KEYS && !group.has(key.name));
    if (fitting) fitting.set(key.name, key);
    else groups.push(new Map([[key.name, key]]));
  }
  return groups.map((group) => new KeyGroup([...group.values()]));
}
