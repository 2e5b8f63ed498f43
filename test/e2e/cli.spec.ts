import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, spawnCli } from '../support/cli.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { contentOf, inhabit, onDatabase } from '../support/inhabitants.ts';
import { DIALECTS } from '../support/services.ts';

const KEY = Buffer.alloc(32, 1);

describe('the command line', () => {
  it.each([
    [[]],
    [['nonsense']],
    [['backup']],
    [['backup', '']],
    [['backup', 'one', 'two']],
    [['audit:verify', 'more']],
  ])('says how to use it when it is called as %j', async (parameters) => {
    const { code, stdout, stderr } = await runCli(parameters, {});
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: npm run cli -- <command>\n/);
    for (const command of [
      'jobs:run <name>',
      'keys:rotate-encryption',
      'backup <file>',
      'restore <file>',
      'users:promote <email>',
      'audit:verify',
    ]) {
      expect(stderr).toContain(`  ${command} `);
    }
  });

  it('is a program with an exit code, and with two streams for what was done and what was not', async () => {
    await using database = await newDatabase('sqlite');
    const environment = { DATABASE_URL: database.url };
    const [good, bad, wrong] = await Promise.all([
      spawnCli(['audit:verify'], environment),
      spawnCli(['users:promote', 'nobody@example.org'], environment),
      spawnCli(['nonsense'], environment),
    ]);
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The audit trail [^\n]+\n$/) as string,
      stderr: '',
    });
    expect(bad).toEqual({ code: 1, stdout: '', stderr: 'There is no such user.\n' });
    expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^Usage: /) as string });
  });

  it('names a setting that is wrong in one line', async () => {
    const outcome = await runCli(['audit:verify'], { ENCRYPTION_KEY: 'SECRETVALUE' });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^ENCRYPTION_KEY [^\n]+\n$/);
    expect(outcome.stderr).not.toContain('SECRETVALUE');
  });
});

describe.each(DIALECTS)('the command line on %s', (dialect) => {
  let database: TestDatabase;
  beforeEach(async () => void (database = await newDatabase(dialect)));
  afterEach(() => database[Symbol.asyncDispose]());

  const run = (...parameters: string[]) => runCli(parameters, { DATABASE_URL: database.url });
  const execute = (sql: string) =>
    onDatabase(database.url, (orm) => (orm.em.fork() as SqlEntityManager).execute<Record<string, unknown>[]>(sql));

  it('makes a person an admin, whatever the case of the address', async () => {
    await inhabit(database.url, KEY, 1);
    expect(await run('users:promote', 'ADA@example.org')).toEqual({
      code: 0,
      stdout: 'Ada@example.org is an admin now.\n',
      stderr: '',
    });
    expect(await execute('select role from users')).toEqual([{ role: 'admin' }]);
    const nobody = await run('users:promote', `${randomUUID()}@example.org`);
    expect(nobody).toEqual({ code: 1, stdout: '', stderr: 'There is no such user.\n' });
  });

  it('tells whether the audit trail is as it was written', async () => {
    await inhabit(database.url, KEY, 1);
    await run('users:promote', 'ada@example.org');
    const intact = await run('audit:verify');
    expect(intact).toMatchObject({ code: 0, stderr: '' });
    expect(intact.stdout).toMatch(
      /^The audit trail is as it was written: 1 entries, the last with hash [0-9a-f]{64}\.\n$/,
    );
    await execute("update audit_events set actor = 'nobody'");
    expect(await run('audit:verify')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The audit trail was changed: entry 1 is not what was written.\n',
    });
  });

  it('runs a job as the operator and tells what came of it', async () => {
    const outcome = await run('jobs:run', 'usage-cleanup');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^usage-cleanup: succeeded after \d+\.\d s: \{[^\n]+\}\n$/);
    expect(await execute('select name, outcome from job_runs')).toEqual([
      { name: 'usage-cleanup', outcome: 'succeeded' },
    ]);
    expect(await execute('select actor, action, target from audit_events')).toEqual([
      { actor: 'operator', action: 'job.run', target: 'job:usage-cleanup' },
    ]);
    await execute(
      dialect === 'sqlite'
        ? "update job_leases set owner = 'another', expires_at = 99999999999999"
        : "update job_leases set owner = 'another', expires_at = '9999-01-01'",
    );
    const running = await run('jobs:run', 'usage-cleanup');
    expect(running).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The job usage-cleanup is running already. Wait until it has finished.\n',
    });
  });

  it('takes nothing away that it was not asked for', async () => {
    await inhabit(database.url, KEY, 1);
    await execute(`update api_keys set removed_at = ${dialect === 'sqlite' ? '1' : "'2026-06-15'"}`);
    const stored = async () => {
      const { api_keys: keys, usage_days: days } = await contentOf(database.url);
      return [keys!.length, days!.length];
    };
    const before = await stored();
    expect(before).not.toContain(0);
    expect(await run('jobs:run', 'log-cleanup')).toMatchObject({ code: 0 });
    expect(await stored()).toEqual(before);
    expect(await run('jobs:run', 'usage-cleanup')).toMatchObject({ code: 0 });
    expect(await stored()).toEqual([0, 0]);
  });

  it('knows no other jobs than the service', async () => {
    expect(await run('jobs:run', 'nonsense')).toEqual({ code: 1, stdout: '', stderr: 'There is no such job.\n' });
    expect((await contentOf(database.url)).job_runs).toEqual([]);
  });
});
