// What `npm start` does before it starts: builds if the sources are newer than the build, and writes `.env` once.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BUILT = join(ROOT, 'dist/src/main.js');
const STAMP = join(ROOT, 'dist/.tsbuildinfo');

export function buildIfNeeded() {
  const sources = ['src', 'migrations', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
  const newest = Math.max(...sources.map((name) => newestChange(join(ROOT, name))));
  const builtAt = existsSync(BUILT) && existsSync(STAMP) ? statSync(STAMP).mtimeMs : 0;
  if (builtAt >= newest) return;
  console.log('Building …');
  execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

/** Writes `.env` from `.env.example` with fresh secrets; an existing one is left as it is. */
export function writeEnvironmentFile() {
  const path = join(ROOT, '.env');
  if (existsSync(path)) return;
  const fresh = (text, name) =>
    text.replace(new RegExp(`^#? ?${name}=.*$`, 'm'), `${name}=${randomBytes(32).toString('base64url')}`);
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
  const filled = ['ENCRYPTION_KEY', 'JWT_SECRET', 'ADMIN_TOKEN'].reduce(fresh, example);
  writeFileSync(path, filled, { mode: 0o600 });
  console.log(
    'Wrote .env with fresh secrets. Keep a copy of ENCRYPTION_KEY: without it the stored keys cannot be read.',
  );
}

function newestChange(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

if (process.argv[1] === import.meta.filename) {
  buildIfNeeded();
  writeEnvironmentFile();
}
