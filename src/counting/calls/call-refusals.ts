import type { CallAllowance, CallEntry } from '../../shared/limits/call-counters.port.js';
import type { CallMinutes, CallStanding } from './call-books.port.js';

export const MINUTE_MS = 60_000;

/** Why nobody more is let in. */
export function refusalFor(
  { rpm, tpm, maxParallel }: CallAllowance,
  { requests, tokens, underWay }: CallMinutes & Pick<CallStanding, 'underWay'>,
  now: number,
): CallEntry {
  if (tpm !== null && tokens.hits >= tpm) return { refusedBy: 'tokens', secondsLeft: secondsUntil(tokens.endsAt, now) };
  const hasNoPlace = maxParallel !== null && underWay >= maxParallel;
  const isOutOfRequests = rpm !== null && requests.hits >= rpm;
  if (isOutOfRequests && !hasNoPlace) return { refusedBy: 'requests', secondsLeft: secondsUntil(requests.endsAt, now) };
  return { refusedBy: 'places', secondsLeft: 1 };
}

function secondsUntil(instant: number, now: number): number {
  return Math.max(1, Math.ceil((instant - now) / 1000));
}
