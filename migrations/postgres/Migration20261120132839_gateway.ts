import { Migration } from '@mikro-orm/migrations';

export class Migration20261120132839_gateway extends Migration {

  override name = 'Migration20261120132839_gateway';

  override up(): void | Promise<void> {
    this.addSql(`create table "gateway_budgets" ("client_key_id" int not null, "period" varchar(8) not null, "starts_on" varchar(10) not null, "spent_nanos" bigint not null, "reserved_nanos" bigint not null, primary key ("client_key_id", "period", "starts_on"));`);

    this.addSql(`create table "gateway_changes" ("id" int not null, "last_change" int not null, primary key ("id"));`);

    this.addSql(`create table "client_keys" ("id" serial primary key, "name" varchar(255) not null, "description" varchar(1000) null, "key_hash" varchar(64) not null, "key_prefix" varchar(12) not null, "upstream_ids" jsonb not null, "rpm" int null, "tpm" int null, "max_parallel" int null, "models" jsonb null, "budget_nanos" bigint null, "budget_period" varchar(8) null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) null, "revoked_at" timestamptz(3) null, "last_used_at" timestamptz(3) null, "changed_in" int not null);`);
    this.addSql(`alter table "client_keys" add constraint "client_keys_key_hash_unique" unique ("key_hash");`);
    this.addSql(`create index "client_keys_changed_in_index" on "client_keys" ("changed_in");`);

    this.addSql(`create table "request_logs" ("id" serial primary key, "client_key_id" int null, "upstream_id" int null, "method" varchar(16) not null, "path" varchar(255) not null, "model" varchar(255) null, "prompt_tokens" bigint null, "completion_tokens" bigint null, "total_tokens" bigint null, "cached_tokens" bigint null, "reasoning_tokens" bigint null, "cost_nanos" bigint null, "byok_cost_nanos" bigint null, "settlement" varchar(16) not null, "generation_id" varchar(128) null, "status_code" int not null, "duration_ms" int not null, "ttft_ms" int null, "is_stream" boolean not null, "error_message" varchar(64) null, "created_at" timestamptz(3) not null, "settle_at" timestamptz(3) null, "settle_tries" int not null);`);
    this.addSql(`create index "request_logs_settle_at_index" on "request_logs" ("settle_at");`);
    this.addSql(`create index "request_logs_created_at_index" on "request_logs" ("created_at");`);
    this.addSql(`create index "request_logs_client_key_id_created_at_index" on "request_logs" ("client_key_id", "created_at");`);
    this.addSql(`create index "request_logs_upstream_id_created_at_index" on "request_logs" ("upstream_id", "created_at");`);

    this.addSql(`create table "upstreams" ("id" serial primary key, "name" varchar(64) not null, "provider" varchar(64) not null, "base_url" varchar(2048) not null, "sealed_secret" text null, "secret_mask" varchar(16) null, "api_key_id" int null, "timeout_seconds" int not null, "is_default" boolean not null, "is_active" boolean not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, "deleted_at" timestamptz(3) null);`);
    this.addSql(`create index "upstreams_name_index" on "upstreams" ("name");`);

    this.addSql(`create table "gateway_reservations" ("id" varchar(36) not null, "client_key_id" int not null, "period" varchar(8) not null, "starts_on" varchar(10) not null, "amount_nanos" bigint not null, "expires_at" timestamptz(3) not null, primary key ("id"));`);
    this.addSql(`create index "gateway_reservations_client_key_id_expires_at_index" on "gateway_reservations" ("client_key_id", "expires_at");`);

    this.addSql(`create table "gateway_usage_hours" ("client_key_id" int not null, "hour" varchar(13) not null, "upstream_id" int not null, "model" varchar(255) not null, "requests" bigint not null, "failed" bigint not null, "prompt_tokens" bigint not null, "completion_tokens" bigint not null, "cached_tokens" bigint not null, "reasoning_tokens" bigint not null, "cost_nanos" bigint not null, "byok_cost_nanos" bigint not null, "unsettled" bigint not null, primary key ("client_key_id", "hour", "upstream_id", "model"));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "gateway_budgets" cascade;`);
    this.addSql(`drop table if exists "gateway_changes" cascade;`);
    this.addSql(`drop table if exists "client_keys" cascade;`);
    this.addSql(`drop table if exists "request_logs" cascade;`);
    this.addSql(`drop table if exists "upstreams" cascade;`);
    this.addSql(`drop table if exists "gateway_reservations" cascade;`);
    this.addSql(`drop table if exists "gateway_usage_hours" cascade;`);
  }

}
