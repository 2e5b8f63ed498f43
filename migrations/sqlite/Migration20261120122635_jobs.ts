import { Migration } from '@mikro-orm/migrations';

export class Migration20261120122635_jobs extends Migration {

  override name = 'Migration20261120122635_jobs';

  override up(): void | Promise<void> {
    this.addSql(`create table \`job_leases\` (\`name\` text not null primary key, \`owner\` text null, \`fencing\` bigint not null, \`expires_at\` datetime not null);`);

    this.addSql(`create table \`job_runs\` (\`id\` integer not null primary key autoincrement, \`name\` text not null, \`slot\` datetime null, \`attempt\` integer not null, \`owner\` text not null, \`fencing\` bigint not null, \`started_at\` datetime not null, \`finished_at\` datetime null, \`outcome\` text not null default 'running', \`figures\` json null, \`error\` text null);`);
    this.addSql(`create index \`job_runs_outcome_index\` on \`job_runs\` (\`outcome\`);`);
    this.addSql(`create index \`job_runs_name_id_index\` on \`job_runs\` (\`name\`, \`id\`);`);
    this.addSql(`create unique index \`job_runs_name_slot_attempt_unique\` on \`job_runs\` (\`name\`, \`slot\`, \`attempt\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`job_runs\`;`);
    this.addSql(`drop table if exists \`job_leases\`;`);
  }

}
