import { Get, Query } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { JobBoard, type JobState } from '../../jobs/job-board.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import type { Principal } from '../../shared/principal.js';
import { Clock } from '../../shared/time/clock.port.js';
import { type Hours, HoursReports } from '../../usage/reading/hours.reports.js';
import { type Side, type Timeline, type Totals, UsageReports } from '../../usage/reading/usage.reports.js';
import { Page } from '../answers/page.decorator.js';
import { View } from '../answers/view.js';
import { type Fields, textOf } from '../forms/fields.js';
import { Empty } from '../parts/empty.js';
import { PageHead } from '../parts/page-head.js';
import { RangePicker } from '../parts/range-picker.js';
import { periodInWords, type Range, rangeOf } from '../parts/range.js';
import { Attention, keysInNeed } from './attention.js';
import { type Grain, grainOf } from './grain.js';
import { knownHours } from './known-hours.js';
import { Ranking } from './ranking.js';
import { SpendChart } from './spend-chart.js';
import { hourSeries, MOST_COLUMNS, spendSeries } from './spend-series.js';
import { Summary } from './summary.js';
import { SyncState } from './sync-state.js';

/** Everything that the dashboard shows. */
interface Picture {
  range: Range;
  by: Side;
  grain: Grain;
  timeline: Timeline;
  /** Where the chart is by the hour. */
  hours: Hours | null;
  /** What stays in the address when other days are chosen. */
  keep: Record<string, string>;
  before: Totals;
  keys: ApiKey[];
  sync: JobState;
  now: Date;
}

@Page('dashboard')
export class DashboardPage {
  constructor(
    private readonly reports: UsageReports,
    private readonly hours: HoursReports,
    private readonly keys: ApiKeyRepository,
    private readonly jobs: JobBoard,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(@CurrentUser() { id }: Principal, @Query() fields: Fields): Promise<View> {
    const now = this.clock.now();
    const range = rangeOf(fields, now);
    const by = fields.by === 'key' ? 'key' : 'model';
    const grain = grainOf(fields, range, now);
    const picture: Picture = {
      now,
      range,
      by,
      grain,
      keep: keptOf(fields),
      hours: grain === 'hour' ? await this.hours.of(id, range.period, by) : null,
      timeline: await this.reports.timeline(id, range.period, by, MOST_COLUMNS),
      before: await this.reports.totals(id, range.period.before()),
      keys: await this.keys.listOf(id),
      sync: await this.jobs.state('usage-sync'),
    };
    const content = picture.keys.length === 0 ? <Welcome /> : <Dashboard {...picture} />;
    return new View({
      title: 'Dashboard',
      section: 'dashboard',
      content,
      scripts: ['chart.js'],
      status: range.problem ? 422 : 200,
    });
  }
}

function keptOf(fields: Fields): Record<string, string> {
  return {
    ...(textOf(fields, 'by') === 'key' ? { by: 'key' } : {}),
    ...(textOf(fields, 'per') === 'hour' ? { per: 'hour' } : {}),
  };
}

function Welcome() {
  return (
    <>
      <PageHead title="Dashboard" />
      <section class="card">
        <Empty icon="key" title="Add your first OpenRouter key">
          <p>
            Its spend appears here after the next hourly sync. A management key brings all the keys of its account
            along, with models and tokens.
          </p>
          <p class="actions centred">
            <a role="button" href="/keys/new">
              Add a key
            </a>
          </p>
        </Empty>
      </section>
    </>
  );
}

function Dashboard({ range, by, grain, keep, timeline, hours, before, keys, sync, now }: Picture) {
  const { period } = range;
  const lead = `${periodInWords(period)}, UTC`;
  const days = { start_date: period.start, end_date: period.end };
  const link = (filter: Record<string, string>) => `/stats?${new URLSearchParams({ ...days, ...filter })}`;
  const models = timeline.byModel.map((each) => ({ ...each, name: each.model, href: link({ model: each.model }) }));
  const ranked = timeline.byKey.map((each) => ({ ...each, href: link({ key: String(each.id) }) }));
  return (
    <>
      <PageHead title="Dashboard" lead={lead}>
        <RangePicker path="/dashboard" range={range} keep={keep} />
      </PageHead>
      <Summary now={timeline.totals} before={before} days={period.length} keys={keys} />
      {timeline.byDay.length === 0 ? (
        <Nothing />
      ) : (
        <>
          <SpendChart
            series={hours ? hourSeries(hours, now) : spendSeries(timeline, period, by)}
            known={hours && knownHours(hours)}
            by={by}
            grain={grain}
            range={range}
          />
          <div class="columns">
            <Ranking title="Top models" what="Model" items={models} whole={timeline.totals.cost} />
            <Ranking title="Spend by key" what="Key" items={ranked} whole={timeline.totals.cost} />
          </div>
        </>
      )}
      <Attention keys={keysInNeed(keys, now)} />
      <SyncState sync={sync} />
    </>
  );
}

function Nothing() {
  return (
    <section class="card">
      <Empty icon="chart-bar" title="Nothing was used in these days">
        <p>Usage is read every hour. Choose other days, or come back after the next sync.</p>
      </Empty>
    </section>
  );
}
