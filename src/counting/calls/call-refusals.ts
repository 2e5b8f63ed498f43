import type { CallAllowance, CallEntry } from '../../shared/limits/call-counters.port.js';
import type { CallMinutes, CallStanding } from './call-books.port.js';

export const MINUTE_MS = 60_000;

/** Why nobody more is let in. */
export function refusalFor(
  { tpm, maxParallel }: CallAllowance,
  { requests, tokens, underWay }: CallMinutes & Pick<CallStanding, 'underWay'>,
  now: number,
): CallEntry {
  if (tpm !== null && tokens.hits >= tpm) return { refusedBy: 'tokens', secondsLeft: secondsUntil(tokens.endsAt, now) };
  if (maxParallel !== null && underWay >= maxParallel) return { refusedBy: 'places', secondsLeft: 1 };
  return { refusedBy: 'requests', secondsLeft: secondsUntil(requests.endsAt, now) };
}

function secondsUntil(instant: number, now: number): number {
  return Math.max(1, Math.ceil((instant - now) / 1000));
}
