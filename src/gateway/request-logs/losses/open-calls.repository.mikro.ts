import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { OpenCallsRepository } from './open-calls.repository.js';

/** The open calls of one instance. */
export class OpenCallsRow {
  readonly instanceId!: string;
  readonly calls!: number;
  readonly seenAt!: Date;
}

export const OpenCallsTable = defineEntity({
  class: OpenCallsRow,
  tableName: 'gateway_open_calls',
  properties: {
    instanceId: p.string().length(36).primary(),
    calls: p.integer(),
    seenAt: p.datetime(3),
  } satisfies Record<EntityKey<OpenCallsRow>, unknown>,
});

@Injectable()
export class MikroOpenCallsRepository extends OpenCallsRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async note(instanceId: string, calls: number, now: Date): Promise<void> {
    if (calls === 0) {
      await this.em.execute('delete from gateway_open_calls where instance_id = ?', [instanceId]);
      return;
    }
    await this.em.execute(
      `insert into gateway_open_calls (instance_id, calls, seen_at) values (?, ?, ?)
       on conflict (instance_id) do update set calls = excluded.calls, seen_at = excluded.seen_at`,
      [instanceId, calls, now],
    );
  }

  async takeLost(notSeenSince: Date): Promise<number> {
    const gone = await this.em.execute<{ calls: number }[]>(
      'delete from gateway_open_calls where seen_at < ? returning calls',
      [notSeenSince],
    );
    return gone.reduce((sum, { calls }) => sum + calls, 0);
  }
}
