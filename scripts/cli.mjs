// `npm run cli -- <command>`: what the operator does beside the running service.
import { existsSync } from 'node:fs';
import { buildIfNeeded } from './set-up.mjs';

buildIfNeeded();
if (existsSync('.env')) process.loadEnvFile('.env');
await import('../dist/src/cli.js');
