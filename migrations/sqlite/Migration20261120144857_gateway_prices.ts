import { Migration } from '@mikro-orm/migrations';

export class Migration20261120144857_gateway_prices extends Migration {

  override name = 'Migration20261120144857_gateway_prices';

  override up(): void | Promise<void> {
    this.addSql(`create table \`model_prices\` (\`model\` text not null primary key, \`slug\` text null, \`context_length\` bigint null, \`max_output_tokens\` bigint null, \`rates\` text not null, \`listed_at\` datetime not null);`);

    this.addSql(`create table \`gateway_open_calls\` (\`instance_id\` text not null primary key, \`calls\` integer not null, \`seen_at\` datetime not null);`);

    this.addSql(`alter table \`request_logs\` add column \`booked_nanos\` bigint null;`);
    this.addSql(`alter table \`request_logs\` add column \`booked_period\` text null;`);
    this.addSql(`alter table \`request_logs\` add column \`booked_on\` text null;`);
  }

  override down(): void | Promise<void> {

    this.addSql(`alter table \`request_logs\` drop column \`booked_nanos\`;`);
    this.addSql(`alter table \`request_logs\` drop column \`booked_period\`;`);
    this.addSql(`alter table \`request_logs\` drop column \`booked_on\`;`);
    this.addSql(`drop table if exists \`gateway_open_calls\`;`);
    this.addSql(`drop table if exists \`model_prices\`;`);
  }

}
