import { defineEntity, EntityManager, type EntityKey, p } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import type { TaskFigures } from '../../shared/task-run.js';
import { JobRun, type RunOutcome } from './job-run.entity.js';
import { JobRunRepository } from './job-run.repository.js';

export const JobRunTable = defineEntity({
  class: JobRun,
  tableName: 'job_runs',
  uniques: [{ properties: ['name', 'slot', 'attempt'] }],
  indexes: [{ properties: ['name', 'id'] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().length(64),
    slot: p.datetime(3).nullable(),
    attempt: p.integer(),
    owner: p.string().length(64),
    fencing: p.bigint('number'),
    startedAt: p.datetime(3),
    finishedAt: p.datetime(3).nullable(),
    outcome: p.string().length(16).$type<RunOutcome>().index(),
    figures: p.json<TaskFigures>().nullable(),
    error: p.string().length(500).nullable(),
  } satisfies Record<Exclude<EntityKey<JobRun>, 'durationMs'>, unknown>,
});

@Injectable()
export class MikroJobRunRepository extends JobRunRepository {
  constructor(private readonly em: EntityManager) {
    super();
  }

  add(run: JobRun): void {
    this.em.persist(run);
  }

  find(id: number): Promise<JobRun | null> {
    return this.em.findOne(JobRun, { id });
  }

  findSlot(name: string, slot: Date): Promise<JobRun | null> {
    return this.em.findOne(JobRun, { name, slot }, { orderBy: { attempt: 'desc' } });
  }

  listRunning(name?: string): Promise<JobRun[]> {
    return this.em.find(JobRun, { outcome: 'running', ...(name && { name }) }, { orderBy: { id: 'asc' } });
  }

  latest(name: string): Promise<JobRun | null> {
    return this.em.findOne(JobRun, { name }, { orderBy: { id: 'desc' } });
  }

  latestSuccess(name: string): Promise<JobRun | null> {
    return this.em.findOne(JobRun, { name, outcome: 'succeeded' }, { orderBy: { id: 'desc' } });
  }

  removeEndedBefore(instant: Date): Promise<number> {
    return this.em.nativeDelete(JobRun, { finishedAt: { $lt: instant } });
  }

  async page(name: string, offset: number, limit: number): Promise<{ items: JobRun[]; total: number }> {
    const [items, total] = await this.em.findAndCount(JobRun, { name }, { offset, limit, orderBy: { id: 'desc' } });
    return { items, total };
  }
}
