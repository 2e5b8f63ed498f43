import type { JobRun, RunOutcome } from '../../../jobs/runs/job-run.entity.js';
import { count } from '../../parts/figures.js';

const TONES: Readonly<Record<RunOutcome, string>> = {
  running: 'calm',
  succeeded: 'good',
  failed: 'bad',
  abandoned: 'warn',
};

/** What came of a run. */
export function Outcome({ outcome }: { outcome: RunOutcome }) {
  return (
    <span class={`badge ${TONES[outcome]}`}>
      {outcome === 'running' && <span class="spinner turning" aria-hidden="true" />}
      {outcome}
    </span>
  );
}

/** `12 keys · 1 failed` */
export function figuresOf({ figures }: JobRun): string {
  const sorted = Object.entries(figures ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([name, amount]) => `${count(amount)} ${name.replaceAll('_', ' ')}`).join(' · ');
}

/** `took 0.4 s` */
export function lasted({ durationMs }: JobRun): string {
  return durationMs === null ? '' : `took ${(durationMs / 1000).toFixed(1)} s`;
}
