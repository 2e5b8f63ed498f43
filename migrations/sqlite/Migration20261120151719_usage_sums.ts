import { Migration } from '@mikro-orm/migrations';

interface SumTable {
  name: string;
  /** What tells its rows apart. */
  keys: string[];
  /** What else a row says, the same in all that it sums up. */
  also: string[];
}

const BY_KEY: SumTable = { name: 'usage_sums_by_key', keys: ['api_key_id'], also: ['user_id'] };
const OF_DAYS: SumTable[] = [
  { name: 'usage_sums_by_day', keys: ['user_id', 'date'], also: [] },
  { name: 'usage_sums_by_day_and_model', keys: ['user_id', 'date', 'model'], also: [] },
  { name: 'usage_sums_by_day_and_key', keys: ['user_id', 'date', 'api_key_id'], also: [] },
  BY_KEY,
];
const SOURCES: [table: string, sums: SumTable[]][] = [
  ['usage_days', OF_DAYS],
  ['usage_months', [BY_KEY]],
];
const SUMS = ['requests', 'tokens_input', 'tokens_output', 'cost_nanos'];

const listed = (names: string[]) => names.join(', ');

/** Adds a row to its sum. */
function plus({ name, keys, also }: SumTable): string {
  return `insert into ${name} (${listed([...keys, ...also, 'row_count', ...SUMS])})
    values (${listed([...keys, ...also].map((key) => `new.${key}`))}, 1, ${listed(SUMS.map((sum) => `new.${sum}`))})
    on conflict (${listed(keys)}) do update set row_count = row_count + 1,
      ${listed(SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`))};`;
}

/** Takes a row out of its sum. */
function minus({ name, keys }: SumTable): string {
  const place = keys.map((key) => `${key} = old.${key}`).join(' and ');
  return `update ${name} set row_count = row_count - 1, ${listed(SUMS.map((sum) => `${sum} = ${sum} - old.${sum}`))}
      where ${place};
    delete from ${name} where ${place} and row_count = 0;`;
}

function triggers([table, sums]: [table: string, sums: SumTable[]]): string[] {
  const added = sums.map(plus).join(' ');
  const removed = sums.map(minus).join(' ');
  // With an account all of its sums go by themselves.
  const stays = 'when exists (select 1 from users where id = old.user_id)';
  return [
    `create trigger ${table}_inserted after insert on ${table} for each row begin ${added} end;`,
    `create trigger ${table}_updated after update on ${table} for each row begin ${added} ${removed} end;`,
    `create trigger ${table}_deleted after delete on ${table} for each row ${stays} begin ${removed} end;`,
  ];
}

/** The sums of everything that is there. */
function filled({ name, keys, also }: SumTable): string {
  const columns = listed([...keys, ...also]);
  const rows = (table: string) => `select ${columns}, ${listed(SUMS)} from ${table}`;
  const from = SOURCES.filter(([, sums]) => sums.some((table) => table.name === name)).map(([table]) => rows(table));
  return `insert into ${name} (${columns}, row_count, ${listed(SUMS)})
    select ${columns}, count(*), ${listed(SUMS.map((sum) => `sum(${sum})`))}
    from (${from.join(' union all ')}) as everything group by ${columns};`;
}

function triggerNames(): string[] {
  return SOURCES.flatMap(([table]) => ['inserted', 'updated', 'deleted'].map((event) => `${table}_${event}`));
}

export class Migration20261120151719_usage_sums extends Migration {

  override name = 'Migration20261120151719_usage_sums';

  override up(): void | Promise<void> {
    this.addSql(`create table \`usage_sums_by_day_and_model\` (\`user_id\` integer not null, \`date\` text not null, \`model\` text not null, \`row_count\` bigint not null, \`requests\` bigint not null, \`tokens_input\` bigint not null, \`tokens_output\` bigint not null, \`cost_nanos\` bigint not null, primary key (\`user_id\`, \`date\`, \`model\`), constraint \`usage_sums_by_day_and_model_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_sums_by_day_and_model_user_id_index\` on \`usage_sums_by_day_and_model\` (\`user_id\`);`);

    this.addSql(`create table \`usage_sums_by_day\` (\`user_id\` integer not null, \`date\` text not null, \`row_count\` bigint not null, \`requests\` bigint not null, \`tokens_input\` bigint not null, \`tokens_output\` bigint not null, \`cost_nanos\` bigint not null, primary key (\`user_id\`, \`date\`), constraint \`usage_sums_by_day_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_sums_by_day_user_id_index\` on \`usage_sums_by_day\` (\`user_id\`);`);

    this.addSql(`create table \`usage_sums_by_key\` (\`api_key_id\` integer not null primary key, \`user_id\` integer not null, \`row_count\` bigint not null, \`requests\` bigint not null, \`tokens_input\` bigint not null, \`tokens_output\` bigint not null, \`cost_nanos\` bigint not null, constraint \`usage_sums_by_key_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on update cascade on delete cascade, constraint \`usage_sums_by_key_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_sums_by_key_api_key_id_index\` on \`usage_sums_by_key\` (\`api_key_id\`);`);
    this.addSql(`create index \`usage_sums_by_key_user_id_index\` on \`usage_sums_by_key\` (\`user_id\`);`);

    this.addSql(`create table \`usage_sums_by_day_and_key\` (\`user_id\` integer not null, \`date\` text not null, \`api_key_id\` integer not null, \`row_count\` bigint not null, \`requests\` bigint not null, \`tokens_input\` bigint not null, \`tokens_output\` bigint not null, \`cost_nanos\` bigint not null, primary key (\`user_id\`, \`date\`, \`api_key_id\`), constraint \`usage_sums_by_day_and_key_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade, constraint \`usage_sums_by_day_and_key_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`usage_sums_by_day_and_key_user_id_index\` on \`usage_sums_by_day_and_key\` (\`user_id\`);`);
    this.addSql(`create index \`usage_sums_by_day_and_key_api_key_id_index\` on \`usage_sums_by_day_and_key\` (\`api_key_id\`);`);

    for (const table of OF_DAYS) this.addSql(filled(table));
    for (const source of SOURCES) for (const sql of triggers(source)) this.addSql(sql);
  }

  override down(): void | Promise<void> {
    for (const name of triggerNames()) this.addSql(`drop trigger ${name};`);
    this.addSql(`drop table if exists \`usage_sums_by_day_and_key\`;`);
    this.addSql(`drop table if exists \`usage_sums_by_key\`;`);
    this.addSql(`drop table if exists \`usage_sums_by_day\`;`);
    this.addSql(`drop table if exists \`usage_sums_by_day_and_model\`;`);
  }

}
