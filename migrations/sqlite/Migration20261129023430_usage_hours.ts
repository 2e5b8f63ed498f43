import { Migration } from '@mikro-orm/migrations';

export class Migration20261129023430_usage_hours extends Migration {

  override name = 'Migration20261129023430_usage_hours';

  override up(): void | Promise<void> {
    this.addSql(`create table \`usage_hours\` (\`api_key_id\` integer not null, \`hour\` text not null, \`model\` text not null, \`requests\` bigint not null default '0', \`tokens_input\` bigint not null default '0', \`tokens_output\` bigint not null default '0', \`cost_nanos\` bigint not null default '0', primary key (\`api_key_id\`, \`hour\`, \`model\`), constraint \`usage_hours_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_hours_api_key_id_index\` on \`usage_hours\` (\`api_key_id\`);`);
    this.addSql(`create index \`usage_hours_hour_index\` on \`usage_hours\` (\`hour\`);`);

    this.addSql(`alter table \`key_meters\` add column \`hours_through\` text null;`);
  }

  override down(): void | Promise<void> {

    this.addSql(`alter table \`key_meters\` drop column \`hours_through\`;`);
    this.addSql(`drop table if exists \`usage_hours\`;`);
  }

}
