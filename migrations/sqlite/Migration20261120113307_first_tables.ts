import { Migration } from '@mikro-orm/migrations';

export class Migration20261120113307_first_tables extends Migration {

  override name = 'Migration20261120113307_first_tables';

  override up(): void | Promise<void> {
    this.addSql(`create table \`encryption_check\` (\`id\` integer not null primary key, \`sealed\` text not null);`);

    this.addSql(`create table \`users\` (\`id\` integer not null primary key autoincrement, \`email\` text not null, \`email_key\` text not null, \`password_hash\` text not null, \`role\` text not null default 'user', \`is_active\` integer not null default true, \`created_at\` datetime not null);`);
    this.addSql(`create unique index \`users_email_key_unique\` on \`users\` (\`email_key\`);`);

    this.addSql(`create table \`api_keys\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`name\` text not null, \`kind\` text not null, \`sealed_secret\` text null, \`secret_hash\` text null, \`status\` text not null default 'unverified', \`status_detail\` text null, \`is_switched_on\` integer not null default true, \`label\` text null, \`open_router_hash\` text null, \`managed_by_id\` integer null, \`workspace_id\` text null, \`limit_nanos\` bigint null, \`limit_remaining_nanos\` bigint null, \`limit_reset\` text null, \`expires_at\` datetime null, \`usage_total_nanos\` bigint not null default '0', \`account_credits_nanos\` bigint null, \`account_usage_nanos\` bigint null, \`created_at\` datetime not null, \`last_used_at\` datetime null, \`last_validated_at\` datetime null, \`last_synced_at\` datetime null, \`refused_at\` datetime null, \`unreachable_since\` datetime null, constraint \`api_keys_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade, constraint \`api_keys_managed_by_id_foreign\` foreign key (\`managed_by_id\`) references \`api_keys\` (\`id\`) on delete set null);`);
    this.addSql(`create index \`api_keys_user_id_index\` on \`api_keys\` (\`user_id\`);`);
    this.addSql(`create index \`api_keys_open_router_hash_index\` on \`api_keys\` (\`open_router_hash\`);`);
    this.addSql(`create index \`api_keys_managed_by_id_index\` on \`api_keys\` (\`managed_by_id\`);`);
    this.addSql(`create unique index \`api_keys_user_id_secret_hash_unique\` on \`api_keys\` (\`user_id\`, \`secret_hash\`);`);

    this.addSql(`create table \`usage_months\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`api_key_id\` integer not null, \`model\` text not null, \`requests\` bigint not null default '0', \`tokens_input\` bigint not null default '0', \`tokens_output\` bigint not null default '0', \`tokens_reasoning\` bigint null, \`tokens_cached\` bigint null, \`cost_nanos\` bigint not null default '0', \`byok_cost_nanos\` bigint not null default '0', \`month\` text not null, constraint \`usage_months_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade, constraint \`usage_months_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_months_api_key_id_index\` on \`usage_months\` (\`api_key_id\`);`);
    this.addSql(`create index \`usage_months_user_id_index\` on \`usage_months\` (\`user_id\`);`);
    this.addSql(`create unique index \`usage_months_api_key_id_month_model_unique\` on \`usage_months\` (\`api_key_id\`, \`month\`, \`model\`);`);

    this.addSql(`create table \`usage_days\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`api_key_id\` integer not null, \`model\` text not null, \`requests\` bigint not null default '0', \`tokens_input\` bigint not null default '0', \`tokens_output\` bigint not null default '0', \`tokens_reasoning\` bigint null, \`tokens_cached\` bigint null, \`cost_nanos\` bigint not null default '0', \`byok_cost_nanos\` bigint not null default '0', \`date\` text not null, constraint \`usage_days_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade, constraint \`usage_days_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_days_user_id_index\` on \`usage_days\` (\`user_id\`);`);
    this.addSql(`create index \`usage_days_api_key_id_index\` on \`usage_days\` (\`api_key_id\`);`);
    this.addSql(`create index \`usage_days_user_id_date_index\` on \`usage_days\` (\`user_id\`, \`date\`);`);
    this.addSql(`create unique index \`usage_days_api_key_id_date_model_unique\` on \`usage_days\` (\`api_key_id\`, \`date\`, \`model\`);`);
  }

  override down(): void | Promise<void> {

    this.addSql(`drop table if exists \`usage_days\`;`);
    this.addSql(`drop table if exists \`usage_months\`;`);
    this.addSql(`drop table if exists \`api_keys\`;`);
    this.addSql(`drop table if exists \`users\`;`);
    this.addSql(`drop table if exists \`encryption_check\`;`);
  }

}
