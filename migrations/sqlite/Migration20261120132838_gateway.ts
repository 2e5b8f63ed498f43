import { Migration } from '@mikro-orm/migrations';

export class Migration20261120132838_gateway extends Migration {

  override name = 'Migration20261120132838_gateway';

  override up(): void | Promise<void> {
    this.addSql(`create table \`gateway_budgets\` (\`client_key_id\` integer not null, \`period\` text not null, \`starts_on\` text not null, \`spent_nanos\` bigint not null, \`reserved_nanos\` bigint not null, primary key (\`client_key_id\`, \`period\`, \`starts_on\`));`);

    this.addSql(`create table \`gateway_changes\` (\`id\` integer not null primary key, \`last_change\` integer not null);`);

    this.addSql(`create table \`client_keys\` (\`id\` integer not null primary key autoincrement, \`name\` text not null, \`description\` text null, \`key_hash\` text not null, \`key_prefix\` text not null, \`upstream_ids\` json not null, \`rpm\` integer null, \`tpm\` integer null, \`max_parallel\` integer null, \`models\` json null, \`budget_nanos\` bigint null, \`budget_period\` text null, \`created_at\` datetime not null, \`expires_at\` datetime null, \`revoked_at\` datetime null, \`last_used_at\` datetime null, \`changed_in\` integer not null);`);
    this.addSql(`create unique index \`client_keys_key_hash_unique\` on \`client_keys\` (\`key_hash\`);`);
    this.addSql(`create index \`client_keys_changed_in_index\` on \`client_keys\` (\`changed_in\`);`);

    this.addSql(`create table \`request_logs\` (\`id\` integer not null primary key autoincrement, \`client_key_id\` integer null, \`upstream_id\` integer null, \`method\` text not null, \`path\` text not null, \`model\` text null, \`prompt_tokens\` bigint null, \`completion_tokens\` bigint null, \`total_tokens\` bigint null, \`cached_tokens\` bigint null, \`reasoning_tokens\` bigint null, \`cost_nanos\` bigint null, \`byok_cost_nanos\` bigint null, \`settlement\` text not null, \`generation_id\` text null, \`status_code\` integer not null, \`duration_ms\` integer not null, \`ttft_ms\` integer null, \`is_stream\` integer not null, \`error_message\` text null, \`created_at\` datetime not null, \`settle_at\` datetime null, \`settle_tries\` integer not null);`);
    this.addSql(`create index \`request_logs_settle_at_index\` on \`request_logs\` (\`settle_at\`);`);
    this.addSql(`create index \`request_logs_created_at_index\` on \`request_logs\` (\`created_at\`);`);
    this.addSql(`create index \`request_logs_client_key_id_created_at_index\` on \`request_logs\` (\`client_key_id\`, \`created_at\`);`);
    this.addSql(`create index \`request_logs_upstream_id_created_at_index\` on \`request_logs\` (\`upstream_id\`, \`created_at\`);`);

    this.addSql(`create table \`upstreams\` (\`id\` integer not null primary key autoincrement, \`name\` text not null, \`provider\` text not null, \`base_url\` text not null, \`sealed_secret\` text null, \`secret_mask\` text null, \`api_key_id\` integer null, \`timeout_seconds\` integer not null, \`is_default\` integer not null, \`is_active\` integer not null, \`created_at\` datetime not null, \`updated_at\` datetime not null, \`deleted_at\` datetime null);`);
    this.addSql(`create index \`upstreams_name_index\` on \`upstreams\` (\`name\`);`);

    this.addSql(`create table \`gateway_reservations\` (\`id\` text not null primary key, \`client_key_id\` integer not null, \`period\` text not null, \`starts_on\` text not null, \`amount_nanos\` bigint not null, \`expires_at\` datetime not null);`);
    this.addSql(`create index \`gateway_reservations_client_key_id_expires_at_index\` on \`gateway_reservations\` (\`client_key_id\`, \`expires_at\`);`);

    this.addSql(`create table \`gateway_usage_hours\` (\`client_key_id\` integer not null, \`hour\` text not null, \`upstream_id\` integer not null, \`model\` text not null, \`requests\` bigint not null, \`failed\` bigint not null, \`prompt_tokens\` bigint not null, \`completion_tokens\` bigint not null, \`cached_tokens\` bigint not null, \`reasoning_tokens\` bigint not null, \`cost_nanos\` bigint not null, \`byok_cost_nanos\` bigint not null, \`unsettled\` bigint not null, primary key (\`client_key_id\`, \`hour\`, \`upstream_id\`, \`model\`));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`gateway_usage_hours\`;`);
    this.addSql(`drop table if exists \`gateway_reservations\`;`);
    this.addSql(`drop table if exists \`upstreams\`;`);
    this.addSql(`drop table if exists \`request_logs\`;`);
    this.addSql(`drop table if exists \`client_keys\`;`);
    this.addSql(`drop table if exists \`gateway_changes\`;`);
    this.addSql(`drop table if exists \`gateway_budgets\`;`);
  }

}
