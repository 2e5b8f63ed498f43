import { Migration } from '@mikro-orm/migrations';

export class Migration20261120115015_audit extends Migration {

  override name = 'Migration20261120115015_audit';

  override up(): void | Promise<void> {
    this.addSql(`create table \`audit_events\` (\`id\` integer not null primary key, \`at\` datetime not null, \`actor\` text not null, \`ip\` text null, \`action\` text not null, \`target\` text not null, \`result\` text not null, \`previous_hash\` text not null, \`hash\` text not null);`);
    this.addSql(`create index \`audit_events_actor_index\` on \`audit_events\` (\`actor\`);`);
    this.addSql(`create index \`audit_events_target_index\` on \`audit_events\` (\`target\`);`);

    this.addSql(`create table \`audit_head\` (\`id\` integer not null primary key, \`entries\` integer not null, \`hash\` text not null);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`audit_head\`;`);
    this.addSql(`drop table if exists \`audit_events\`;`);
  }

}
