import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { AccountKey } from '../../open-router/open-router.port.js';

/** What links a key of the account to a key here, as far as it is known. */
export interface Match {
  listed: AccountKey;
  /** The row that stands for it. Null: nobody has seen it before. */
  key: ApiKey | null;
  /** A row made when nobody knew yet that it is a registered key. */
  duplicate: ApiKey | null;
}

type Counters = Pick<AccountKey, 'usage' | 'usageToday'>;

/** The last counters of a registered key, by which it is told from others that look like it. */
export type LastCounters = (key: ApiKey) => Counters | null;

/** Finds, for every key that a management key lists, the one of the same user that it is. */
export function matchKeys(listed: AccountKey[], known: ApiKey[], countersOf: LastCounters): Match[] {
  return listed.map((one) => {
    const stored = known.filter((key) => key.openRouterHash === one.hash);
    const registered = stored.find((key) => key.kind === 'standard') ?? findRegistered(one, listed, known, countersOf);
    const discovered = stored.find((key) => key.kind === 'discovered') ?? null;
    return { listed: one, key: registered ?? discovered, duplicate: registered ? discovered : null };
  });
}

/** By the hash of its secret; or else by its label and what it has spent, if nothing else fits as well. */
function findRegistered(
  one: AccountKey,
  listed: AccountKey[],
  known: ApiKey[],
  countersOf: LastCounters,
): ApiKey | undefined {
  const unlinked = known.filter((key) => key.kind === 'standard' && key.openRouterHash === null);
  const bySecret = unlinked.find((key) => key.secretHash === one.hash);
  if (bySecret) return bySecret;
  const candidates = unlinked.filter(({ label }) => label === one.label);
  const rivals = listed.filter(({ label }) => label === one.label);
  for (const isAlike of [hasSpentTheSame, hadSpentTheSame]) {
    const fitting = candidates.filter((key) => isAlike(one, countersOf(key)));
    const [only] = fitting;
    if (!only || fitting.length > 1) continue;
    if (rivals.filter((rival) => isAlike(rival, countersOf(only))).length === 1) return only;
  }
  return undefined;
}

function hasSpentTheSame(listed: AccountKey, counters: Counters | null): boolean {
  return listed.usage === counters?.usage;
}

/** Of a key that is in use right now, both were read a moment apart: what it had spent when the day began is the same. */
function hadSpentTheSame(listed: AccountKey, counters: Counters | null): boolean {
  const before = listed.usage - listed.usageToday;
  return counters !== null && before !== 0n && counters.usage - counters.usageToday === before;
}
