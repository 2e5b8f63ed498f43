import { Migration } from '@mikro-orm/migrations';

export class Migration20261120113307_first_tables extends Migration {

  override name = 'Migration20261120113307_first_tables';

  override up(): void | Promise<void> {
    this.addSql(`create table "encryption_check" ("id" int not null, "sealed" varchar(200) not null, primary key ("id"));`);

    this.addSql(`create table "users" ("id" serial primary key, "email" varchar(254) not null, "email_key" varchar(254) not null, "password_hash" varchar(255) not null, "role" varchar(16) not null default 'user', "is_active" boolean not null default true, "created_at" timestamptz(3) not null);`);
    this.addSql(`alter table "users" add constraint "users_email_key_unique" unique ("email_key");`);

    this.addSql(`create table "api_keys" ("id" serial primary key, "user_id" int not null, "name" varchar(100) not null, "kind" varchar(16) not null, "sealed_secret" text null, "secret_hash" varchar(64) null, "status" varchar(16) not null default 'unverified', "status_detail" varchar(500) null, "is_switched_on" boolean not null default true, "label" varchar(100) null, "open_router_hash" varchar(64) null, "managed_by_id" int null, "workspace_id" varchar(64) null, "limit_nanos" bigint null, "limit_remaining_nanos" bigint null, "limit_reset" varchar(16) null, "expires_at" timestamptz(3) null, "usage_total_nanos" bigint not null default '0', "account_credits_nanos" bigint null, "account_usage_nanos" bigint null, "created_at" timestamptz(3) not null, "last_used_at" timestamptz(3) null, "last_validated_at" timestamptz(3) null, "last_synced_at" timestamptz(3) null, "refused_at" timestamptz(3) null, "unreachable_since" timestamptz(3) null);`);
    this.addSql(`create index "api_keys_open_router_hash_index" on "api_keys" ("open_router_hash");`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_user_id_secret_hash_unique" unique ("user_id", "secret_hash");`);

    this.addSql(`create table "usage_months" ("id" serial primary key, "user_id" int not null, "api_key_id" int not null, "model" varchar(200) not null, "requests" bigint not null default '0', "tokens_input" bigint not null default '0', "tokens_output" bigint not null default '0', "tokens_reasoning" bigint null, "tokens_cached" bigint null, "cost_nanos" bigint not null default '0', "byok_cost_nanos" bigint not null default '0', "month" varchar(7) not null);`);
    this.addSql(`create index "usage_months_user_id_index" on "usage_months" ("user_id");`);
    this.addSql(`alter table "usage_months" add constraint "usage_months_api_key_id_month_model_unique" unique ("api_key_id", "month", "model");`);

    this.addSql(`create table "usage_days" ("id" serial primary key, "user_id" int not null, "api_key_id" int not null, "model" varchar(200) not null, "requests" bigint not null default '0', "tokens_input" bigint not null default '0', "tokens_output" bigint not null default '0', "tokens_reasoning" bigint null, "tokens_cached" bigint null, "cost_nanos" bigint not null default '0', "byok_cost_nanos" bigint not null default '0', "date" varchar(10) not null);`);
    this.addSql(`create index "usage_days_user_id_date_index" on "usage_days" ("user_id", "date");`);
    this.addSql(`alter table "usage_days" add constraint "usage_days_api_key_id_date_model_unique" unique ("api_key_id", "date", "model");`);

    this.addSql(`alter table "api_keys" add constraint "api_keys_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_managed_by_id_foreign" foreign key ("managed_by_id") references "api_keys" ("id") on delete set null;`);

    this.addSql(`alter table "usage_months" add constraint "usage_months_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);
    this.addSql(`alter table "usage_months" add constraint "usage_months_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete cascade;`);

    this.addSql(`alter table "usage_days" add constraint "usage_days_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);
    this.addSql(`alter table "usage_days" add constraint "usage_days_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete cascade;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "api_keys" drop constraint "api_keys_user_id_foreign";`);
    this.addSql(`alter table "usage_months" drop constraint "usage_months_user_id_foreign";`);
    this.addSql(`alter table "usage_days" drop constraint "usage_days_user_id_foreign";`);
    this.addSql(`alter table "api_keys" drop constraint "api_keys_managed_by_id_foreign";`);
    this.addSql(`alter table "usage_months" drop constraint "usage_months_api_key_id_foreign";`);
    this.addSql(`alter table "usage_days" drop constraint "usage_days_api_key_id_foreign";`);

    this.addSql(`drop table if exists "encryption_check" cascade;`);
    this.addSql(`drop table if exists "users" cascade;`);
    this.addSql(`drop table if exists "api_keys" cascade;`);
    this.addSql(`drop table if exists "usage_months" cascade;`);
    this.addSql(`drop table if exists "usage_days" cascade;`);
  }

}
