import { Migration } from '@mikro-orm/migrations';

export class Migration20261120123006_usage extends Migration {

  override name = 'Migration20261120123006_usage';

  override up(): void | Promise<void> {
    this.addSql(`drop index "usage_days_user_id_date_index";`);
    this.addSql(`create index "usage_days_report_index" on "usage_days" ("user_id", "date", "api_key_id", "model", "requests", "tokens_input", "tokens_output", "cost_nanos");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "usage_days_report_index";`);
    this.addSql(`create index "usage_days_user_id_date_index" on "usage_days" ("user_id", "date");`);
  }

}
