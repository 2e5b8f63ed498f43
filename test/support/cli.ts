import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type CommandOutcome, runCommandLine } from '../../src/cli/command-line.js';
import { SERVICE_ENVIRONMENT } from './service.ts';

/** What a command has said, and how it ended; no code if it was killed. */
export interface CliOutcome extends Omit<CommandOutcome, 'code'> {
  code: number | null;
}

/** Runs an operator's command as the command line does; what it logs goes to stderr, before what it says itself. */
export async function runCli(parameters: string[], environment: Record<string, string>): Promise<CliOutcome> {
  let log = '';
  const write = (line: string) => void (log += line);
  const outcome = await runCommandLine(parameters, { ...SERVICE_ENVIRONMENT, ...environment }, { write });
  return { ...outcome, stderr: log + outcome.stderr };
}

/** Runs an operator's command of the built service in a process of its own. */
export async function spawnCli(
  parameters: string[],
  environment: Record<string, string>,
  started: (child: ChildProcess) => void = () => {},
): Promise<CliOutcome> {
  const env = { PATH: process.env.PATH, ...SERVICE_ENVIRONMENT, ...environment };
  const child = spawn(process.execPath, ['dist/src/cli.js', ...parameters], { env });
  const outcome: CliOutcome = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => (outcome.stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (outcome.stderr += part.toString()));
  started(child);
  [outcome.code] = (await once(child, 'close')) as [number | null];
  return outcome;
}
