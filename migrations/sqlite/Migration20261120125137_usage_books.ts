import { Migration } from '@mikro-orm/migrations';

export class Migration20261120125137_usage_books extends Migration {

  override name = 'Migration20261120125137_usage_books';

  override up(): void | Promise<void> {
    this.addSql(`create table \`key_meters\` (\`api_key_id\` integer not null primary key, \`secret_hash\` text null, \`open_router_hash\` text null, \`read_at\` datetime not null, \`day\` text not null, \`usage_nanos\` bigint not null, \`usage_today_nanos\` bigint not null, \`byok_usage_nanos\` bigint not null, \`byok_usage_today_nanos\` bigint not null, \`since\` text not null, \`history_through\` text null, \`history_from\` text null, \`closed_before\` text null, constraint \`key_meters_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on update cascade on delete cascade);`);
    this.addSql(`create index \`key_meters_api_key_id_index\` on \`key_meters\` (\`api_key_id\`);`);

    this.addSql(`create table \`counter_snapshots\` (\`id\` integer not null primary key autoincrement, \`api_key_id\` integer not null, \`date\` text not null, \`hour\` integer not null, \`taken_at\` datetime not null, \`usage_nanos\` bigint not null, \`byok_usage_nanos\` bigint not null, \`limit_remaining_nanos\` bigint null, constraint \`counter_snapshots_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`counter_snapshots_api_key_id_index\` on \`counter_snapshots\` (\`api_key_id\`);`);
    this.addSql(`create index \`counter_snapshots_date_index\` on \`counter_snapshots\` (\`date\`);`);
    this.addSql(`create unique index \`counter_snapshots_api_key_id_date_hour_unique\` on \`counter_snapshots\` (\`api_key_id\`, \`date\`, \`hour\`);`);

    this.addSql(`create table \`counter_days\` (\`id\` integer not null primary key autoincrement, \`api_key_id\` integer not null, \`date\` text not null, \`spent_nanos\` bigint not null default '0', \`late_nanos\` bigint not null default '0', \`byok_spent_nanos\` bigint not null default '0', \`byok_late_nanos\` bigint not null default '0', \`is_told\` integer not null default false, \`is_backfilled\` integer not null default false, constraint \`counter_days_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`counter_days_api_key_id_index\` on \`counter_days\` (\`api_key_id\`);`);
    this.addSql(`create index \`counter_days_date_index\` on \`counter_days\` (\`date\`);`);
    this.addSql(`create unique index \`counter_days_api_key_id_date_unique\` on \`counter_days\` (\`api_key_id\`, \`date\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`counter_days\`;`);
    this.addSql(`drop table if exists \`counter_snapshots\`;`);
    this.addSql(`drop table if exists \`key_meters\`;`);
  }

}
