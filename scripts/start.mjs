// `npm start`: from a fresh clone to a running service.
import { buildIfNeeded, writeEnvironmentFile } from './set-up.mjs';

buildIfNeeded();
writeEnvironmentFile();
process.loadEnvFile('.env');
await import('../dist/src/main.js');

const address = process.env.PUBLIC_URL || `http://localhost:${process.env.PORT || 3000}`;
console.log(`
OpenRouter Monitor  ${address}
API docs            ${address}/docs
Secrets             ${process.cwd()}/.env (keep a copy of ENCRYPTION_KEY)
`);
