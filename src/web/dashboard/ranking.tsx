import { type NanoUsd, shareOf } from '../../shared/money.js';
import { Count, Money } from '../parts/figure.js';
import { percent } from '../parts/figures.js';

/** One line of a ranking. */
export interface Ranked {
  name: string;
  /** Where the figures behind it are. */
  href: string;
  cost: NanoUsd;
  requests: number;
}

interface RankingProps {
  title: string;
  /** What is ranked: `Model`. */
  what: string;
  items: Ranked[];
  whole: NanoUsd;
}

const MOST = 8;

/** What costs most, with its share of the whole. */
export function Ranking({ title, what, items, whole }: RankingProps) {
  const id = `ranking-${what.toLowerCase()}`;
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <table class="ranking">
        <thead>
          <tr>
            <th scope="col">{what}</th>
            <th scope="col" class="number">
              Requests
            </th>
            <th scope="col" class="number">
              Spend
            </th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, MOST).map((item) => (
            <RankedRow key={item.href} item={item} whole={whole} />
          ))}
        </tbody>
      </table>
      {items.length > MOST && <p class="hint">And {items.length - MOST} more.</p>}
    </section>
  );
}

function RankedRow({ item: { name, href, cost, requests }, whole }: { item: Ranked; whole: NanoUsd }) {
  const share = shareOf(cost, whole);
  return (
    <tr>
      <th scope="row">
        <a href={href}>{name}</a>
        <progress class="bar" max={1} value={share} aria-label={`${percent(share)} of the spend`} />
      </th>
      <td class="number">
        <Count of={requests} />
      </td>
      <td class="number">
        <Money nanos={cost} />
        <span class="beneath">{percent(share)}</span>
      </td>
    </tr>
  );
}
