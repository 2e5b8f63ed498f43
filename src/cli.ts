import 'reflect-metadata';
import { Config, InvalidSetting } from './shared/config.js';
import { DomainError } from './shared/errors.js';
import { newLogger } from './shared/logging/logger.js';
import { refuseOldNode, stop } from './supported-node.js';

/** What is wrong is said in one line; more about a bug is for whoever asks with LOG_LEVEL. */
const USUAL_LOG_LEVEL = 'error';
const WRONG_USAGE = 2;

refuseOldNode();
// Imported late: an old Node would crash on these imports before it could say that it is too old.
const [{ pino }, { CommandFailed }, { commands, usage }, { OperatorContext }] = await Promise.all([
  import('pino'),
  import('./cli/command.js'),
  import('./cli/commands.js'),
  import('./cli/operator-context.js'),
]);

const [name = '', ...parameters] = process.argv.slice(2);
const command = commands.find((candidate) => candidate.name === name);
if (!command || parameters.length !== command.parameters.length || parameters.includes('')) {
  process.stderr.write(usage());
  process.exit(WRONG_USAGE);
}

try {
  const config = Config.from(withoutSchedules(process.env));
  const LOG_LEVEL = process.env.LOG_LEVEL ? config.LOG_LEVEL : USUAL_LOG_LEVEL;
  await using context = new OperatorContext(config, newLogger({ ...config, LOG_LEVEL }, pino.destination(2)));
  const outcome = await command.run(context, ...parameters);
  process.stdout.write(`${outcome}\n`);
} catch (error) {
  const isPlain = error instanceof InvalidSetting || error instanceof DomainError || error instanceof CommandFailed;
  if (isPlain) stop(error.message);
  stop(`The command failed: ${error instanceof Error ? error.message : String(error)}`);
}
process.exit(0);

/** A command does what it is asked for and nothing that is due. */
function withoutSchedules(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const schedules = Config.names().filter((setting) => setting.endsWith('_CRON'));
  return { ...environment, ...Object.fromEntries(schedules.map((setting) => [setting, 'off'])) };
}
