import type { JobState } from '../../jobs/job-board.js';
import { Icon } from '../parts/icon.js';
import { Ago } from '../parts/time.js';

/** How fresh the figures are, and when there will be newer ones. */
export function SyncState({ sync }: { sync: JobState }) {
  const { isRunning, lastRun, nextRun } = sync;
  const ended = lastRun?.finishedAt ?? null;
  return (
    <p class="sync-state">
      <Icon name="refresh" />
      <span>
        {isRunning && 'Syncing right now. '}
        {!isRunning && ended && lastRun!.outcome === 'succeeded' && (
          <>
            Synced <Ago at={ended} />.{' '}
          </>
        )}
        {!isRunning && ended && lastRun!.outcome !== 'succeeded' && (
          <>
            The last sync did not succeed (<Ago at={ended} />
            ).{' '}
          </>
        )}
        {!isRunning && !ended && 'Not synced yet. '}
        {nextRun ? (
          <>
            Next <Ago at={nextRun} />.
          </>
        ) : (
          'Automatic syncing is off.'
        )}
      </span>
    </p>
  );
}
