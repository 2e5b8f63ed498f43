import { backup } from './backup.command.js';
import type { Command } from './command.js';
import { promoteUser } from './promote-user.command.js';
import { restore } from './restore.command.js';
import { rotateEncryption } from './rotate-encryption.command.js';
import { runJob } from './run-job.command.js';
import { verifyAudit } from './verify-audit.command.js';

/** Everything that the operator can do on the command line: one line per command. */
export const commands: readonly Command[] = [runJob, rotateEncryption, backup, restore, promoteUser, verifyAudit];

/** How to call them. */
export function usage(): string {
  const calls = commands.map((command) => ({ ...command, call: callOf(command) }));
  const width = Math.max(...calls.map(({ call }) => call.length));
  const lines = calls.map(({ call, summary }) => `  ${call.padEnd(width)}  ${summary}\n`);
  return `Usage: npm run cli -- <command>\n\n${lines.join('')}`;
}

function callOf({ name, parameters }: Command): string {
  return [name, ...parameters.map((parameter) => `<${parameter}>`)].join(' ');
}
