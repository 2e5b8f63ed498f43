import { Migration } from '@mikro-orm/migrations';

const INDEXES = [
  'create index "request_logs_client_key_id_created_at_index" on "request_logs" ("client_key_id", "created_at");',
  'create index "request_logs_upstream_id_created_at_index" on "request_logs" ("upstream_id", "created_at");',
  'create index "request_logs_model_created_at_index" on "request_logs" ("model", "created_at");',
  'create index "request_logs_status_code_created_at_index" on "request_logs" ("status_code", "created_at") where status_code <> 200;',
  'create index "request_logs_settle_at_index" on "request_logs" ("settle_at") where settle_at is not null;',
];

/** A place for each day that the log has rows of, as the service makes them later (src/gateway/request-logs/days). */
const DAYS = `do $$
  declare day timestamptz;
  begin
    for day in select distinct begins_at from request_log_counts where span_hours = 24 and counted_by = 'all' loop
      execute format(
        'create table %I partition of request_logs for values from (%L) to (%L)',
        'request_logs_' || to_char(day at time zone 'UTC', 'YYYYMMDD'), day, day + interval '24 hours'
      );
    end loop;
  end $$;`;

export class Migration20261129025719_log_days extends Migration {

  override name = 'Migration20261129025719_log_days';

  /** Copies every row: a table cannot be divided where it stands. */
  override up(): void | Promise<void> {
    this.remake('partition by range (created_at)', 'bigint', [
      'create table request_logs_rest partition of request_logs default;',
      DAYS,
    ]);
    this.addSql(`alter table "request_logs" add primary key ("created_at", "id");`);
    for (const index of INDEXES) this.addSql(index);
  }

  override down(): void | Promise<void> {
    this.remake('', 'integer', []);
    this.addSql(`alter table "request_logs" add primary key ("id");`);
    this.addSql(`create index "request_logs_created_at_index" on "request_logs" ("created_at");`);
    for (const index of INDEXES) this.addSql(index);
  }

  /** Rows keep their numbers, and the next one follows on them; a busy gateway needs more than 32 bits for them. */
  private remake(how: string, number: string, parts: string[]): void {
    this.addSql('alter table request_logs rename to request_logs_before;');
    this.addSql('alter sequence request_logs_id_seq owned by none;');
    this.addSql(`create table request_logs (like request_logs_before including defaults) ${how};`);
    this.addSql(`alter table request_logs alter column id type ${number};`);
    this.addSql(`alter sequence request_logs_id_seq as ${number} owned by request_logs.id;`);
    for (const part of parts) this.addSql(part);
    this.addSql('insert into request_logs select * from request_logs_before;');
    this.addSql('drop table request_logs_before;');
  }

}
