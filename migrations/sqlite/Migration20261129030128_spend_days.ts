import { Migration } from '@mikro-orm/migrations';

/** What the hours that are there add up to. */
const FILLED = `insert into gateway_spend_days (upstream_id, date, cost_nanos)
    select upstream_id, substr(hour, 1, 10), sum(cost_nanos) from gateway_usage_hours group by 1, 2;`;

export class Migration20261129030128_spend_days extends Migration {

  override name = 'Migration20261129030128_spend_days';

  override up(): void | Promise<void> {
    this.addSql(`create table \`gateway_spend_days\` (\`upstream_id\` integer not null, \`date\` text not null, \`cost_nanos\` bigint not null, primary key (\`upstream_id\`, \`date\`));`);
    this.addSql(FILLED);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`gateway_spend_days\`;`);
  }

}
