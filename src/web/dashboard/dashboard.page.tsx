import { Get, Query } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { JobBoard, type JobState } from '../../jobs/job-board.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import type { Principal } from '../../shared/principal.js';
import { Clock } from '../../shared/time/clock.port.js';
import { type Timeline, type Totals, UsageReports } from '../../usage/reading/usage.reports.js';
import { Page } from '../answers/page.decorator.js';
import { View } from '../answers/view.js';
import type { Fields } from '../forms/fields.js';
import { Empty } from '../parts/empty.js';
import { PageHead } from '../parts/page-head.js';
import { RangePicker } from '../parts/range-picker.js';
import { dayInWords, type Range, rangeOf } from '../parts/range.js';
import { Attention, keysInNeed } from './attention.js';
import { Ranking } from './ranking.js';
import { SpendChart } from './spend-chart.js';
import { type Side, spendSeries } from './spend-series.js';
import { Summary } from './summary.js';
import { SyncState } from './sync-state.js';

/** Everything that the dashboard shows. */
interface Picture {
  range: Range;
  by: Side;
  timeline: Timeline;
  before: Totals;
  keys: ApiKey[];
  sync: JobState;
  now: Date;
}

@Page('dashboard')
export class DashboardPage {
  constructor(
    private readonly reports: UsageReports,
    private readonly keys: ApiKeyRepository,
    private readonly jobs: JobBoard,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(@CurrentUser() { id }: Principal, @Query() fields: Fields): Promise<View> {
    const now = this.clock.now();
    const range = rangeOf(fields, now);
    const by = fields.by === 'key' ? 'key' : 'model';
    const picture: Picture = {
      now,
      range,
      by,
      timeline: await this.reports.timeline(id, range.period, by),
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

function Dashboard({ range, by, timeline, before, keys, sync, now }: Picture) {
  const { period } = range;
  const lead = `${dayInWords(period.start)} – ${dayInWords(period.end)}, UTC`;
  const days = { start_date: period.start, end_date: period.end };
  const link = (filter: Record<string, string>) => `/stats?${new URLSearchParams({ ...days, ...filter })}`;
  const models = timeline.byModel.map((each) => ({ ...each, name: each.model, href: link({ model: each.model }) }));
  const ranked = timeline.byKey.map((each) => ({ ...each, href: link({ key: String(each.id) }) }));
  return (
    <>
      <PageHead title="Dashboard" lead={lead}>
        <RangePicker path="/dashboard" range={range} keep={by === 'key' ? { by } : {}} />
      </PageHead>
      <Summary now={timeline.totals} before={before} days={period.length} keys={keys} />
      {timeline.byDay.length === 0 ? (
        <Nothing />
      ) : (
        <>
          <SpendChart series={spendSeries(timeline, period, by)} by={by} range={range} />
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
