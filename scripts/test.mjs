// `npm test`: builds (the OpenAPI document is checked on the built service) and runs every spec.
// Its last line says how many passed, failed and were left out.
import { spawnSync } from 'node:child_process';
import { buildIfNeeded } from './set-up.mjs';

buildIfNeeded();
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, vitest, { stdio: 'inherit' });
process.exit(status ?? 1);
