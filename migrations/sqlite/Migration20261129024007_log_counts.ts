import { Migration } from '@mikro-orm/migrations';

const INTO = `insert into request_log_counts
  (span_hours, counted_by, begins_at, client_key_id, upstream_id, status_code, model, calls)`;

/** What is in the log, by the hour and by the day. */
const COUNTED = [
  `${INTO}
    with hours as (
      select created_at - created_at % 3600000 as begins_at, coalesce(client_key_id, 0) as client_key_id,
        coalesce(upstream_id, 0) as upstream_id, status_code, coalesce(model, '') as model, count(*) as calls
      from request_logs group by 1, 2, 3, 4, 5
    )
    select 1, 'whole', begins_at, client_key_id, upstream_id, status_code, model, calls from hours
    union all
    select 1, 'mixed', begins_at, 0, upstream_id, status_code, model, sum(calls) from hours group by 3, 5, 6, 7;`,
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
    select 1, 'model', begins_at, 0, 0, 0, model, sum(calls) from mixed group by 3, 7;`,
  `${INTO}
    select 24, counted_by, begins_at - begins_at % 86400000, client_key_id, upstream_id, status_code, model, sum(calls)
    from request_log_counts where span_hours = 1 group by 2, 3, 4, 5, 6, 7;`,
];

export class Migration20261129024007_log_counts extends Migration {

  override name = 'Migration20261129024007_log_counts';

  override up(): void | Promise<void> {
    this.addSql(`create table \`request_log_counts\` (\`span_hours\` integer not null, \`counted_by\` text not null, \`begins_at\` datetime not null, \`client_key_id\` integer not null, \`upstream_id\` integer not null, \`status_code\` integer not null, \`model\` text not null, \`calls\` bigint not null, primary key (\`span_hours\`, \`counted_by\`, \`begins_at\`, \`client_key_id\`, \`upstream_id\`, \`status_code\`, \`model\`)) without rowid;`);

    this.addSql(`drop index \`request_logs_settle_at_index\`;`);
    this.addSql(`create index \`request_logs_model_created_at_index\` on \`request_logs\` (\`model\`, \`created_at\`);`);
    this.addSql(`create index \`request_logs_status_code_created_at_index\` on \`request_logs\` (\`status_code\`, \`created_at\`) where status_code <> 200;`);
    this.addSql(`create index \`request_logs_settle_at_index\` on \`request_logs\` (\`settle_at\`) where settle_at is not null;`);

    for (const sql of COUNTED) this.addSql(sql);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index \`request_logs_model_created_at_index\`;`);
    this.addSql(`drop index \`request_logs_status_code_created_at_index\`;`);
    this.addSql(`drop index \`request_logs_settle_at_index\`;`);
    this.addSql(`create index \`request_logs_settle_at_index\` on \`request_logs\` (\`settle_at\`);`);
    this.addSql(`drop table if exists \`request_log_counts\`;`);
  }

}
