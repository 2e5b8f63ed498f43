import type { JobState } from '../../../jobs/job-board.js';
import { ActionButton } from '../../forms/action-button.js';
import { Alert } from '../../forms/form.js';
import type { Problems } from '../../forms/problems.js';
import { Ago } from '../../parts/time.js';
import { Console } from '../console.js';
import { figuresOf, lasted, Outcome } from './outcome.js';

/** What runs in the background: while something does, the list looks for its end. */
export function JobList({ states, problems }: { states: JobState[]; problems?: Problems }) {
  const isWatching = states.some(({ isRunning }) => isRunning);
  return (
    <Console tab="jobs">
      {problems?.general && <Alert>{problems.general}</Alert>}
      <section id="jobs" class="card" aria-label="Jobs" {...(isWatching && WATCHING)}>
        <div class="scroll">
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">Last run</th>
                <th scope="col">What it did</th>
                <th scope="col">Schedule (UTC)</th>
                <th scope="col">Next</th>
                <th scope="col">
                  <span class="sr-only">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {states.map((state) => (
                <JobRow key={state.job.name} state={state} />
              ))}
            </tbody>
          </table>
        </div>
        {isWatching && <p class="hint no-script">Load the page again to see how it went on.</p>}
      </section>
    </Console>
  );
}

const WATCHING = {
  'hx-get': '/console/jobs',
  'hx-trigger': 'every 2s',
  'hx-target': '#jobs',
  'hx-select': '#jobs',
  'hx-swap': 'outerMorph',
  'hx-status:5xx': 'swap:none',
} as const;

/** What each job is for. */
const PURPOSES: Readonly<Record<string, string>> = {
  'usage-sync': 'Asks OpenRouter what every key has used',
  'key-validation': 'Asks OpenRouter whether the keys still work',
  'usage-cleanup': 'Folds old usage into months, forgets what is long over',
  'log-cleanup': 'Removes old requests from the log',
};

function JobRow({ state: { job, isRunning, lastRun, nextRun } }: { state: JobState }) {
  return (
    <tr id={`job-${job.name}`}>
      <th scope="row">
        <a href={`/console/jobs/${job.name}`}>{job.name}</a>
        <div class="muted small">{PURPOSES[job.name]}</div>
      </th>
      <td data-label="Last run">
        {isRunning || lastRun ? (
          <span class="badges">
            <Outcome outcome={isRunning ? 'running' : lastRun!.outcome} />
            {lastRun && <Ago at={lastRun.startedAt} />}
          </span>
        ) : (
          <span class="muted">never yet</span>
        )}
      </td>
      <td data-label="What it did">
        {lastRun && (
          <div>
            {figuresOf(lastRun)}
            {lastRun.error && <div class="problem small">{lastRun.error}</div>}
            {lastRun.durationMs !== null && <div class="muted small">{lasted(lastRun)}</div>}
          </div>
        )}
      </td>
      <td data-label="Schedule (UTC)">
        {job.schedule.isOn ? <code>{job.schedule.expression}</code> : <span class="badge">off</span>}
      </td>
      <td data-label="Next">{nextRun ? <Ago at={nextRun} /> : <span class="muted">not by itself</span>}</td>
      <td class="row-actions">
        {!isRunning && (
          <ActionButton action={`/console/jobs/${job.name}/run`} icon="player-play" verb="Run now" subject={job.name} />
        )}
      </td>
    </tr>
  );
}
