import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Prints the last line of a test run: `N passed, N failed`, and what was skipped if anything was. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tally = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) tally[stateOf(test.result().state)]++;
      // A file that does not load, or a hook that throws, leaves no test behind that could count as failed.
      tally.failed += [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length;
    }
    const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
    // After the other reporters have written their summary.
    process.once('exit', () => process.stdout.write(`${tally.passed} passed, ${tally.failed} failed${skipped}\n`));
  }
}

function stateOf(state: 'passed' | 'failed' | 'skipped' | 'pending') {
  return state === 'pending' ? 'skipped' : state;
}
