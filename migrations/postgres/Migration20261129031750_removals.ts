import { Migration } from '@mikro-orm/migrations';

export class Migration20261129031750_removals extends Migration {

  override name = 'Migration20261129031750_removals';

  override up(): void | Promise<void> {
    this.addSql(`alter table "users" add "closed_at" timestamptz(3) null;`);
    this.addSql(`create index "users_closed_at_index" on "users" ("closed_at");`);

    this.addSql(`alter table "api_keys" add "removed_at" timestamptz(3) null;`);
    this.addSql(`create index "api_keys_removed_at_index" on "api_keys" ("removed_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "api_keys_removed_at_index";`);
    this.addSql(`alter table "api_keys" drop column "removed_at";`);

    this.addSql(`drop index "users_closed_at_index";`);
    this.addSql(`alter table "users" drop column "closed_at";`);
  }

}
