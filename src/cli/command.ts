import type { OperatorContext } from './operator-context.js';

/** Something that the operator can do on the command line: `npm run cli -- <name> <parameters>`. */
export interface Command {
  readonly name: string;
  /** What its parameters are called; all are needed. */
  readonly parameters: readonly string[];
  readonly summary: string;
  /** Returns what to tell the operator, in a line. */
  run(context: OperatorContext, ...parameters: string[]): Promise<string>;
}

/** A command could not do what it was asked for; the message says why and what to do next. */
export class CommandFailed extends Error {}
