import { Migration } from '@mikro-orm/migrations';

export class Migration20261129023430_usage_hours extends Migration {

  override name = 'Migration20261129023430_usage_hours';

  override up(): void | Promise<void> {
    this.addSql(`create table "usage_hours" ("api_key_id" int not null, "hour" varchar(13) not null, "model" varchar(200) not null, "requests" bigint not null default '0', "tokens_input" bigint not null default '0', "tokens_output" bigint not null default '0', "cost_nanos" bigint not null default '0', primary key ("api_key_id", "hour", "model"));`);
    this.addSql(`create index "usage_hours_hour_index" on "usage_hours" ("hour");`);

    this.addSql(`alter table "key_meters" add "hours_through" varchar(13) null;`);

    this.addSql(`alter table "usage_hours" add constraint "usage_hours_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete cascade;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "usage_hours" cascade;`);

    this.addSql(`alter table "key_meters" drop column "hours_through";`);
  }

}
