import type { SqlEntityManager } from '@mikro-orm/sql';
import { isSqlite } from '../../../database/dialect.js';
import { withoutHurry } from '../../../database/impatient-client.js';

const INTO = `insert into request_log_counts
  (span_hours, counted_by, begins_at, client_key_id, upstream_id, status_code, model, calls)`;

/** Counts the whole log anew, where rows have come into it in another way than the gateway's. */
export function recountLogs(em: SqlEntityManager): Promise<void> {
  return withoutHurry(() => recount(em));
}

async function recount(em: SqlEntityManager): Promise<void> {
  const [hour, day] = isSqlite(em)
    ? ['created_at - created_at % 3600000', 'begins_at - begins_at % 86400000']
    : ["date_trunc('hour', created_at, 'UTC')", "date_trunc('day', begins_at, 'UTC')"];
  await em.execute('delete from request_log_counts');
  await em.execute(
    `${INTO}
     with hours as (
       select ${hour} as begins_at, coalesce(client_key_id, 0) as client_key_id,
         coalesce(upstream_id, 0) as upstream_id, status_code, coalesce(model, '') as model, count(*) as calls
       from request_logs group by 1, 2, 3, 4, 5
     )
     select 1, 'whole', begins_at, client_key_id, upstream_id, status_code, model, calls from hours
     union all
     select 1, 'mixed', begins_at, 0, upstream_id, status_code, model, sum(calls) from hours group by 3, 5, 6, 7`,
  );
  await em.execute(
    `${INTO}
     with mixed as (select * from request_log_counts where span_hours = 1 and counted_by = 'mixed')
     select 1, 'all', begins_at, 0, 0, 0, '', sum(calls) from mixed group by 3
     union all
     select 1, 'key', begins_at, client_key_id, 0, 0, '', sum(calls) from request_log_counts
     where span_hours = 1 and counted_by = 'whole' group by 3, 4
     union all
     select 1, 'upstream', begins_at, 0, upstream_id, 0, '', sum(calls) from mixed group by 3, 5
     union all
     select 1, 'status', begins_at, 0, 0, status_code, '', sum(calls) from mixed group by 3, 6
     union all
     select 1, 'model', begins_at, 0, 0, 0, model, sum(calls) from mixed group by 3, 7`,
  );
  await em.execute(
    `${INTO}
     select 24, counted_by, ${day}, client_key_id, upstream_id, status_code, model, sum(calls)
     from request_log_counts where span_hours = 1 group by 2, 3, 4, 5, 6, 7`,
  );
}
