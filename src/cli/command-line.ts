import type { DestinationStream } from 'pino';
import { Config, InvalidSetting } from '../shared/config.js';
import { DomainError } from '../shared/errors.js';
import { newLogger } from '../shared/logging/logger.js';
import { CommandFailed } from './command.js';
import { commands, usage } from './commands.js';
import { OperatorContext } from './operator-context.js';

/** What is wrong is said in one line; more about a bug is for whoever asks with LOG_LEVEL. */
const USUAL_LOG_LEVEL = 'error';
const WRONG_USAGE = 2;

/** How a command ended: its exit code, and what is written to the operator. */
export interface CommandOutcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Carries out what the operator has typed behind `npm run cli --`. */
export async function runCommandLine(
  [name = '', ...parameters]: readonly string[],
  environment: NodeJS.ProcessEnv,
  log: DestinationStream,
): Promise<CommandOutcome> {
  const command = commands.find((candidate) => candidate.name === name);
  if (!command || parameters.length !== command.parameters.length || parameters.includes('')) {
    return { code: WRONG_USAGE, stdout: '', stderr: usage() };
  }
  try {
    const config = Config.from(withoutSchedules(environment));
    const LOG_LEVEL = environment.LOG_LEVEL ? config.LOG_LEVEL : USUAL_LOG_LEVEL;
    await using context = new OperatorContext(config, newLogger({ ...config, LOG_LEVEL }, log));
    return { code: 0, stdout: `${await command.run(context, ...parameters)}\n`, stderr: '' };
  } catch (error) {
    return { code: 1, stdout: '', stderr: `${reasonOf(error).replaceAll(/\s*\n\s*/g, ' ')}\n` };
  }
}

function reasonOf(error: unknown): string {
  const isPlain = error instanceof InvalidSetting || error instanceof DomainError || error instanceof CommandFailed;
  if (isPlain) return error.message;
  return `The command failed: ${error instanceof Error ? error.message : String(error)}`;
}

/** A command does what it is asked for and nothing that is due. */
function withoutSchedules(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const schedules = Config.names().filter((setting) => setting.endsWith('_CRON'));
  return { ...environment, ...Object.fromEntries(schedules.map((setting) => [setting, 'off'])) };
}
