import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.{ts,tsx}', 'test/**/*.spec.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/setup.ts'],
    reporters: ['default', './test/support/tally.reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // These end what hangs, and nothing else: on a busy machine everything may take twenty times as long.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // A release is not held up by one unlucky moment; the tally names every test that needed a second try.
    retry: process.env.CI ? 1 : 0,
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      exclude: ['src/main.ts', 'src/cli.ts', '**/*.spec.ts'],
      thresholds: { lines: 95 },
    },
  },
});
