import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { NanoUsd } from '../../shared/money.js';
import type { Totals } from '../../usage/reading/usage.reports.js';
import { Count, Money } from '../parts/figure.js';
import { Delta, Stat } from '../parts/stat.js';

interface SummaryProps {
  now: Totals;
  before: Totals;
  days: number;
  keys: ApiKey[];
}

/** The figures that matter most, each beside what it was before. */
export function Summary({ now, before, days, keys }: SummaryProps) {
  const tokens = (totals: Totals) => totals.tokensInput + totals.tokensOutput;
  const active = keys.filter((key) => key.isActive).length;
  return (
    <dl class="stats">
      <Stat label="Spend" icon="coin" note={<Delta now={now.cost} before={before.cost} days={days} />}>
        <Money nanos={now.cost} />
      </Stat>
      <Stat label="Requests" icon="activity" note={<Delta now={now.requests} before={before.requests} days={days} />}>
        <Count of={now.requests} />
      </Stat>
      <Stat label="Tokens" icon="stack-2" note={<Delta now={tokens(now)} before={tokens(before)} days={days} />}>
        <Count of={tokens(now)} />
      </Stat>
      <Stat label="Active keys" icon="key" note={`of ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}`}>
        <Count of={active} />
      </Stat>
      {keys.filter(hasBalance).map((key) => (
        <Stat key={key.id} label="Balance" icon="wallet" note={`of the account of "${key.name}"`}>
          <Money nanos={balanceOf(key)} />
        </Stat>
      ))}
    </dl>
  );
}

function hasBalance(key: ApiKey): boolean {
  return key.accountCredits !== null && key.accountUsage !== null;
}

function balanceOf({ accountCredits, accountUsage }: ApiKey): NanoUsd {
  return (accountCredits ?? 0n) - (accountUsage ?? 0n);
}
