import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { SERVICE_ENVIRONMENT } from './service.ts';

/** What a command has said, and how it ended. */
export interface CliOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an operator's command of the built service in a process of its own. */
export async function runCli(
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
