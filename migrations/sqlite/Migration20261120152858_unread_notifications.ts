import { Migration } from '@mikro-orm/migrations';

export class Migration20261120152858_unread_notifications extends Migration {

  override name = 'Migration20261120152858_unread_notifications';

  override up(): void | Promise<void> {
    this.addSql(`create index \`notifications_user_id_read_at_index\` on \`notifications\` (\`user_id\`, \`read_at\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index \`notifications_user_id_read_at_index\`;`);
  }

}
