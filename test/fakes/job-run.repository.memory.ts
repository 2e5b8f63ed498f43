import type { JobRun } from '../../src/jobs/runs/job-run.entity.js';
import { JobRunRepository } from '../../src/jobs/runs/job-run.repository.js';

/** The history of one process, gone with it. */
export class MemoryJobRunRepository extends JobRunRepository {
  private runs: JobRun[] = [];
  private lastId = 0;

  add(run: JobRun): void {
    this.runs.push(Object.assign(run, { id: ++this.lastId }));
  }

  async find(id: number): Promise<JobRun | null> {
    return this.runs.find((run) => run.id === id) ?? null;
  }

  async findSlot(name: string, slot: Date): Promise<JobRun | null> {
    return this.of(name).findLast((run) => run.slot?.getTime() === slot.getTime()) ?? null;
  }

  async listRunning(name?: string): Promise<JobRun[]> {
    return (name === undefined ? this.runs : this.of(name)).filter(({ outcome }) => outcome === 'running');
  }

  async latest(name: string): Promise<JobRun | null> {
    return this.of(name).at(-1) ?? null;
  }

  async latestSuccess(name: string): Promise<JobRun | null> {
    return this.of(name).findLast(({ outcome }) => outcome === 'succeeded') ?? null;
  }

  async removeEndedBefore(instant: Date): Promise<number> {
    const kept = this.runs.filter(({ finishedAt }) => !finishedAt || finishedAt >= instant);
    const removed = this.runs.length - kept.length;
    this.runs = kept;
    return removed;
  }

  async page(name: string, skip: number, limit: number): Promise<{ items: JobRun[]; total: number }> {
    const runs = this.of(name).toReversed();
    return { items: runs.slice(skip, skip + limit), total: runs.length };
  }

  private of(name: string): JobRun[] {
    return this.runs.filter((run) => run.name === name);
  }
}
