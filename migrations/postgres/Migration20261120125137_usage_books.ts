import { Migration } from '@mikro-orm/migrations';

export class Migration20261120125137_usage_books extends Migration {

  override name = 'Migration20261120125137_usage_books';

  override up(): void | Promise<void> {
    this.addSql(`create table "key_meters" ("api_key_id" int not null, "secret_hash" varchar(64) null, "open_router_hash" varchar(64) null, "read_at" timestamptz(3) not null, "day" varchar(10) not null, "usage_nanos" bigint not null, "usage_today_nanos" bigint not null, "byok_usage_nanos" bigint not null, "byok_usage_today_nanos" bigint not null, "since" varchar(10) not null, "history_through" varchar(10) null, "history_from" varchar(10) null, "closed_before" varchar(10) null, primary key ("api_key_id"));`);

    this.addSql(`create table "counter_snapshots" ("id" serial primary key, "api_key_id" int not null, "date" varchar(10) not null, "hour" int not null, "taken_at" timestamptz(3) not null, "usage_nanos" bigint not null, "byok_usage_nanos" bigint not null, "limit_remaining_nanos" bigint null);`);
    this.addSql(`create index "counter_snapshots_date_index" on "counter_snapshots" ("date");`);
    this.addSql(`alter table "counter_snapshots" add constraint "counter_snapshots_api_key_id_date_hour_unique" unique ("api_key_id", "date", "hour");`);

    this.addSql(`create table "counter_days" ("id" serial primary key, "api_key_id" int not null, "date" varchar(10) not null, "spent_nanos" bigint not null default '0', "late_nanos" bigint not null default '0', "byok_spent_nanos" bigint not null default '0', "byok_late_nanos" bigint not null default '0', "is_told" boolean not null default false, "is_backfilled" boolean not null default false);`);
    this.addSql(`create index "counter_days_date_index" on "counter_days" ("date");`);
    this.addSql(`alter table "counter_days" add constraint "counter_days_api_key_id_date_unique" unique ("api_key_id", "date");`);

    this.addSql(`alter table "key_meters" add constraint "key_meters_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on update cascade on delete cascade;`);

    this.addSql(`alter table "counter_snapshots" add constraint "counter_snapshots_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete cascade;`);

    this.addSql(`alter table "counter_days" add constraint "counter_days_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete cascade;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "key_meters" cascade;`);
    this.addSql(`drop table if exists "counter_snapshots" cascade;`);
    this.addSql(`drop table if exists "counter_days" cascade;`);
  }

}
