// `npm run migration:create|up|down|pending [-- --name words]`: the same step for both dialects where it makes sense.
// `create` compares the entities with each dialect's snapshot; for PostgreSQL it asks the server at TEST_POSTGRES_URL.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string' } },
});
const step = positionals[0];

if (existsSync('.env')) process.loadEnvFile('.env');
execFileSync('node', ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { stdio: 'inherit' });
const { MikroORM } = await import('@mikro-orm/core');
const { databaseOptions } = await import('../dist/src/database/mikro-orm.config.js');

if (step === 'create') {
  await create('sqlite', 'sqlite::memory:');
  await create('postgres', process.env.TEST_POSTGRES_URL || 'postgresql://postgres@127.0.0.1:5432/postgres');
} else {
  await change(step, process.env.DATABASE_URL || 'sqlite:./data/monitor.db');
}

async function create(dialect, url) {
  const options = databaseOptions(url);
  const folder = `migrations/${dialect}`;
  const orm = await MikroORM.init({
    ...options,
    migrations: { ...options.migrations, snapshot: true, path: folder, pathTs: folder },
  });
  const { fileName } = await orm.migrator.create(undefined, false, false, values.name);
  console.log(fileName ? `${folder}/${fileName}` : `${folder}: nothing has changed`);
  await orm.close();
}

async function change(direction, url) {
  const orm = await MikroORM.init(databaseOptions(url));
  const found = direction === 'pending' ? await orm.migrator.getPending() : await orm.migrator[direction]();
  console.log(
    found.length > 0
      ? found.map(({ name }) => name).join('\n')
      : `Nothing is ${direction === 'pending' ? 'pending' : `to go ${direction}`}.`,
  );
  await orm.close();
}
