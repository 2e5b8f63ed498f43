import { Migration } from '@mikro-orm/migrations';

export class Migration20261129031750_removals extends Migration {

  override name = 'Migration20261129031750_removals';

  override up(): void | Promise<void> {
    this.addSql(`alter table \`users\` add column \`closed_at\` datetime null;`);

    this.addSql(`alter table \`api_keys\` add column \`removed_at\` datetime null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table \`api_keys\` drop column \`removed_at\`;`);

    this.addSql(`alter table \`users\` drop column \`closed_at\`;`);
  }

}
