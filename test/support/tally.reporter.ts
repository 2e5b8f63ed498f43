import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/**
 * Prints the last line of a test run: `N passed, N failed`, and what was skipped if anything was. Above it stands each
 * test that passed at a second try only: it counts as passed, and somebody has to look at it.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tally = { passed: 0, failed: unhandled.length, skipped: 0 };
    const lines: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        tally[stateOf(test.result().state)]++;
        if (test.diagnostic()?.flaky) lines.push(secondTryOf(test, module));
      }
      // A file that does not load, or a hook that throws, leaves no test behind that could count as failed.
      tally.failed += [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length;
    }
    const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
    lines.push(`${tally.passed} passed, ${tally.failed} failed${skipped}\n`);
    // After the other reporters have written their summary.
    process.once('exit', () => process.stdout.write(lines.join('\n')));
  }
}

function stateOf(state: 'passed' | 'failed' | 'skipped' | 'pending') {
  return state === 'pending' ? 'skipped' : state;
}

function secondTryOf(test: TestCase, module: TestModule): string {
  const [first] = test.result().errors ?? [];
  const reason = first ? `: ${first.message.split('\n')[0]}` : '';
  return `Passed at a second try only: ${module.relativeModuleId} > ${test.fullName}${reason}`;
}
