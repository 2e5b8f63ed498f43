import 'reflect-metadata';
import { refuseOldNode } from './supported-node.js';

refuseOldNode();
// Imported late: an old Node would crash on these imports before it could say that it is too old.
const [{ pino }, { runCommandLine }] = await Promise.all([import('pino'), import('./cli/command-line.js')]);

const { code, stdout, stderr } = await runCommandLine(process.argv.slice(2), process.env, pino.destination(2));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exit(code);
