import type { JobRun } from '../../../jobs/runs/job-run.entity.js';
import { Empty } from '../../parts/empty.js';
import { Icon } from '../../parts/icon.js';
import { Pager, type PagerProps } from '../../parts/pager.js';
import { Instant } from '../../parts/time.js';
import { Console } from '../console.js';
import { figuresOf, lasted, Outcome } from './outcome.js';

/** What a job has done so far, newest first. */
export function JobHistory({ name, runs, pages }: { name: string; runs: JobRun[]; pages: PagerProps }) {
  return (
    <Console tab="jobs">
      <section class="card">
        <div class="card-head">
          <h2>History of {name}</h2>
          <a href="/console/jobs">
            <Icon name="chevron-left" />
            All jobs
          </a>
        </div>
        {runs.length === 0 ? (
          <Empty icon="clock" title="It has not run yet">
            <p>It runs when its time comes, or when you say so in the list of jobs.</p>
          </Empty>
        ) : (
          <RunTable runs={runs} />
        )}
        <Pager {...pages} />
      </section>
    </Console>
  );
}

function RunTable({ runs }: { runs: JobRun[] }) {
  return (
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Outcome</th>
            <th scope="col">Took</th>
            <th scope="col">What it did</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td data-label="Began">
                <Instant at={run.startedAt} />
              </td>
              <td data-label="Outcome">
                <Outcome outcome={run.outcome} />
              </td>
              <td data-label="Took" class="figure">
                {lasted(run).replace('took ', '')}
              </td>
              <td data-label="What it did">
                <div>
                  {figuresOf(run)}
                  {run.error && <div class="problem small">{run.error}</div>}
                </div>
              </td>
              <td data-label="Why">{run.slot ? 'by schedule' : 'asked for'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
