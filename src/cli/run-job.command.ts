import { RunJob } from '../jobs/runs/run-job.use-case.js';
import { type Command, CommandFailed } from './command.js';

export const runJob: Command = {
  name: 'jobs:run',
  parameters: ['name'],
  summary: 'Run a background job now: usage-sync, key-validation, usage-cleanup, log-cleanup.',
  async run(context, name) {
    const run = await (await context.part(RunJob)).execute(name!, 'operator');
    const took = `after ${((run.durationMs ?? 0) / 1000).toFixed(1)} s`;
    if (run.outcome !== 'succeeded') throw new CommandFailed(`${name}: ${run.outcome} ${took}. ${run.error ?? ''}`);
    return `${name}: succeeded ${took}: ${JSON.stringify(run.figures)}`;
  },
};
