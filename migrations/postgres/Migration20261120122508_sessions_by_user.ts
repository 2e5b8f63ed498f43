import { Migration } from '@mikro-orm/migrations';

export class Migration20261120122508_sessions_by_user extends Migration {

  override name = 'Migration20261120122508_sessions_by_user';

  override up(): void | Promise<void> {
    this.addSql(`create index "sessions_user_id_index" on "sessions" ("user_id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "sessions_user_id_index";`);
  }

}
