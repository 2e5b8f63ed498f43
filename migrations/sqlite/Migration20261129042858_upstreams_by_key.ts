import { Migration } from '@mikro-orm/migrations';

export class Migration20261129042858_upstreams_by_key extends Migration {

  override name = 'Migration20261129042858_upstreams_by_key';

  override up(): void | Promise<void> {
    this.addSql(`create index \`upstreams_api_key_id_index\` on \`upstreams\` (\`api_key_id\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index \`upstreams_api_key_id_index\`;`);
  }

}
