import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobRun } from '../../src/jobs/runs/job-run.entity.js';
import { JobRunRepository } from '../../src/jobs/runs/job-run.repository.js';
import { MemoryJobRunRepository } from '../fakes/job-run.repository.memory.ts';
import { Place, PLACES } from '../support/place.ts';

const NOON = new Date('2026-06-15T12:00:00.123Z');
const ONE = new Date('2026-06-15T13:00:00.456Z');

describe.each(PLACES)('the history of jobs in %s', (where) => {
  let place: Place;
  let runs: JobRunRepository;
  beforeEach(async () => {
    place = await Place.open(where);
    runs = place.keeper(JobRunRepository, MemoryJobRunRepository);
  });
  afterEach(() => place[Symbol.asyncDispose]());

  const inUnit = <T>(work: () => Promise<T>): Promise<T> => place.unitOfWork.run(work);
  const add = async (slot: Date | null = null, attempt = 1, name = 'sync') => {
    const run = new JobRun(name, slot, attempt, 'owner', 7, NOON);
    await inUnit(async () => runs.add(run));
    return run.id;
  };
  const change = (id: number, how: (run: JobRun) => void) => inUnit(async () => how((await runs.find(id))!));

  it('keeps a run as it was', async () => {
    const id = await add(ONE, 2);
    await change(id, (run) => run.fail('It was too much.', ONE, { keys: 2, a_failure: 1 }));
    expect(await inUnit(() => runs.find(id))).toMatchObject({
      name: 'sync',
      slot: ONE,
      attempt: 2,
      owner: 'owner',
      fencing: 7,
      startedAt: NOON,
      finishedAt: ONE,
      outcome: 'failed',
      figures: { keys: 2, a_failure: 1 },
      error: 'It was too much.',
    });
    expect(await inUnit(() => runs.find(id + 1))).toBeNull();
  });

  it('finds the last attempt at a slot', async () => {
    await add(NOON, 1);
    const last = await add(NOON, 2);
    await add(ONE, 1);
    await add(NOON, 1, 'another');
    expect(await inUnit(() => runs.findSlot('sync', NOON))).toMatchObject({ id: last, attempt: 2 });
    expect(await inUnit(() => runs.findSlot('sync', new Date(0)))).toBeNull();
  });

  it('tells which runs have not ended', async () => {
    const [ended, left, other] = [await add(), await add(), await add(null, 1, 'another')];
    await change(ended, (run) => run.succeed({}, ONE));
    expect(await inUnit(() => runs.listRunning())).toMatchObject([{ id: left }, { id: other }]);
    expect(await inUnit(() => runs.listRunning('sync'))).toMatchObject([{ id: left }]);
  });

  it('tells the last run, the last success, and all of a job, newest first', async () => {
    const ids = [await add(), await add(), await add()];
    await add(null, 1, 'another');
    await change(ids[0]!, (run) => run.succeed({}, ONE));
    await change(ids[1]!, (run) => run.succeed({}, ONE));
    await change(ids[2]!, (run) => run.abandon(ONE));
    expect(await inUnit(() => runs.latest('sync'))).toMatchObject({ id: ids[2] });
    expect(await inUnit(() => runs.latestSuccess('sync'))).toMatchObject({ id: ids[1] });
    expect(await inUnit(() => runs.latest('nothing'))).toBeNull();
    expect(await inUnit(() => runs.latestSuccess('another'))).toBeNull();
    expect(await inUnit(() => runs.page('sync', 1, 1))).toMatchObject({ total: 3, items: [{ id: ids[1] }] });
    expect(await inUnit(() => runs.page('sync', 3, 1))).toEqual({ total: 3, items: [] });
  });

  it('forgets what ended before an instant, and nothing else', async () => {
    const [before, at, running] = [await add(), await add(), await add()];
    await change(before, (run) => run.succeed({}, new Date(ONE.getTime() - 1)));
    await change(at, (run) => run.succeed({}, ONE));
    expect(await inUnit(() => runs.removeEndedBefore(ONE))).toBe(1);
    expect(await inUnit(() => runs.page('sync', 0, 9))).toMatchObject({ items: [{ id: running }, { id: at }] });
  });
});
