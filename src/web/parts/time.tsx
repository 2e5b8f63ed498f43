import { minuteOf } from '../../shared/time/period.js';
import { useScene } from '../layout/scene.js';

const MINUTE = 60_000;
const STEPS = [
  [60 * 24 * 2, 60 * 24, 'day'],
  [60, 60, 'hour'],
  [1, 1, 'minute'],
] as const;

/** An instant in UTC, to the minute; a script adds the local one to the tooltip. */
export function Instant({ at }: { at: Date }) {
  return (
    <time class="figure" dateTime={at.toISOString()} title={minuteOf(at)}>
      {minuteOf(at)}
    </time>
  );
}

/** How long ago something was, or how soon it will be; the instant itself is in the tooltip. */
export function Ago({ at }: { at: Date }) {
  const { now } = useScene();
  return (
    <time dateTime={at.toISOString()} title={minuteOf(at)}>
      {distance(at, now)}
    </time>
  );
}

/** `just now`, `12 minutes ago`, `in 3 hours`, `2 days ago`; beyond sixty days the day itself. */
export function distance(at: Date, now: Date): string {
  const minutes = Math.round((at.getTime() - now.getTime()) / MINUTE);
  const size = Math.abs(minutes);
  if (size === 0) return 'just now';
  if (size >= 60 * 24 * 60) return at.toISOString().slice(0, 10);
  const [, unit, name] = STEPS.find(([least]) => size >= least)!;
  const amount = Math.round(size / unit);
  const words = `${amount} ${name}${amount === 1 ? '' : 's'}`;
  return minutes < 0 ? `${words} ago` : `in ${words}`;
}
