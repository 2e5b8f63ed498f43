import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';
import { SERVICE_ENVIRONMENT, startService } from '../support/service.ts';

/** Whoever starts the service wrongly is told within this time. */
const SOON_MS = 5_000;

describe('starting', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'start-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['ENCRYPTION_KEY', ''],
    ['ENCRYPTION_KEY', 'SECRETVALUE'],
    ['JWT_SECRET', 'SECRETVALUE'],
    ['JWT_SECRET', SERVICE_ENVIRONMENT.ENCRYPTION_KEY],
    ['SYNC_CRON', 'SECRETVALUE'],
  ])('is refused in one line that names %s and not its value (%#)', (name, value) => {
    const { status, stderr, ms } = start({ DATABASE_URL: `sqlite:${join(folder, 'none.db')}`, [name]: value });
    expect(status).toBe(1);
    expect(ms).toBeLessThan(SOON_MS);
    expect(stderr).toMatch(new RegExp(`^${name} [^\\n]+\\n$`));
    expect(stderr).not.toContain(value || 'undefined');
  });

  it.each(['/proc/nowhere/monitor.db', tmpdir()])('is refused in one line where no database can be: %s', (path) => {
    const { status, stderr, ms } = start({ DATABASE_URL: `sqlite:${path}` });
    expect(status).toBe(1);
    expect(ms).toBeLessThan(SOON_MS);
    expect(stderr).toMatch(/^DATABASE_URL [^\n]+\n$/);
  });

  it('is refused in one line when the port is taken', async () => {
    await using service = await startService();
    const { port } = new URL(service.url);
    const { status, stdout, stderr, ms } = start({ DATABASE_URL: `sqlite:${join(folder, 'second.db')}`, PORT: port });
    expect(status).toBe(1);
    expect(ms).toBeLessThan(SOON_MS);
    expect(stderr).toMatch(/^PORT [^\n]+\n$/);
    expect(stdout).toBe('');
  });

  it('takes a secret from a file', async () => {
    const path = join(folder, 'key');
    writeFileSync(path, SERVICE_ENVIRONMENT.ENCRYPTION_KEY);
    await using service = await startService({ ENCRYPTION_KEY: '', ENCRYPTION_KEY_FILE: path });
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
  });

  it.each(DIALECTS)('refuses a %s database that another key has encrypted, and leaves it as it is', async (dialect) => {
    await using database = await newDatabase(dialect);
    const first = await startService({ DATABASE_URL: database.url });
    await first[Symbol.asyncDispose]();
    const path = database.url.replace('sqlite:', '');
    const content = () => (dialect === 'sqlite' ? readFileSync(path).toString('base64') : 'on a server');
    const before = content();

    const other = randomBytes(32).toString('base64url');
    const { status, stderr, ms } = start({ DATABASE_URL: database.url, ENCRYPTION_KEY: other });
    expect(status).toBe(1);
    expect(ms).toBeLessThan(SOON_MS);
    expect(stderr).toMatch(/^ENCRYPTION_KEY [^\n]+\n$/);
    expect(stderr).not.toContain(other);
    expect(content()).toBe(before);

    const rotated = await startService({
      DATABASE_URL: database.url,
      ENCRYPTION_KEY: other,
      ENCRYPTION_KEYS_PREVIOUS: SERVICE_ENVIRONMENT.ENCRYPTION_KEY,
    });
    expect((await fetch(`${rotated.url}/health`)).status).toBe(200);
    await rotated[Symbol.asyncDispose]();
    // Nothing has been sealed anew yet, so the old key cannot be left out.
    expect(start({ DATABASE_URL: database.url, ENCRYPTION_KEY: other }).stderr).toMatch(/^ENCRYPTION_KEY /);
  });
});

/** Starts the service and waits for its end; `ms` is the time it took itself, without what the machine gave to others. */
function start(environment: Record<string, string>) {
  const env = { PATH: process.env.PATH, ...SERVICE_ENVIRONMENT, ...environment };
  const { status, stdout, stderr, output } = spawnSync(
    process.execPath,
    ['--import', './test/support/own-time.mjs', 'dist/src/main.js'],
    { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 'pipe'], timeout: 120_000 },
  );
  return { status, stdout, stderr, ms: Number(output[3] || Infinity) };
}
