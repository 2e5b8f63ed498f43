import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Config, InvalidSetting } from './shared/config.js';
import { newLogger } from './shared/logging/logger.js';
import { refuseOldNode, stop } from './supported-node.js';

const NO_HOST = 'HOST is no address of this machine. Set 127.0.0.1, or 0.0.0.0 for all of them.';
/** Why the service cannot listen where it was told to. */
const NO_PLACE: Record<string, string> = {
  EADDRINUSE: 'PORT is taken: another program listens there already. Stop it, or set another PORT.',
  EADDRNOTAVAIL: NO_HOST,
  ENOTFOUND: NO_HOST,
};

refuseOldNode();
try {
  const config = Config.from(process.env);
  const logger = newLogger(config);
  // Imported late: an old Node would crash on these imports before it could say that it is too old.
  const { buildApp } = await import('./app.js');
  const app = await buildApp(config, logger);
  // Nest's own way would log a failure first, as an error of the service's.
  await app.getHttpAdapter().getInstance().listen({ port: config.PORT, host: config.HOST });
  logger.info({ docs: `${config.publicUrl}/docs` }, `Listening on ${config.publicUrl}`);
  giveBackMemory();
} catch (error) {
  if (error instanceof InvalidSetting) stop(error.message);
  const reason = error instanceof Error && 'code' in error && NO_PLACE[String(error.code)];
  if (reason) stop(reason);
  if (hasNoDatabase(error))
    stop(`DATABASE_URL names no database that can be opened or made: ${error.message}. Set another.`);
  stop(`The service could not start: ${error instanceof Error ? error.message : String(error)}`);
}

/** Whether SQLite's file cannot be used, or its folder not be made. */
function hasNoDatabase(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return /^SQLITE_(CANTOPEN|READONLY|NOTADB|FULL|IOERR)/.test(code ?? '') || syscall === 'mkdir';
}

/** Starting leaves a third of the memory behind as garbage, which V8 would keep for as long as little happens. */
function giveBackMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
