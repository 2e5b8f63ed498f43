import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = `export default { test: {
  include: ['*.sample.js'],
  retry: Number(process.env.RETRY),
  pool: 'forks',
  reporters: ['default', ${JSON.stringify(resolve('test/support/tally.reporter.ts'))}],
} };`;

const SAMPLES = {
  steady: `it('is steady', () => {}); it.skip('is left out', () => {});`,
  shaky: `let tries = 0; describe('a suite', () => it('is shaky', () => expect(++tries).toBe(2)));`,
  broken: `it('is broken', () => expect(1).toBe(2));`,
  hookless: `describe('a suite', () => { beforeAll(() => { throw new Error('no'); }); it('never runs', () => {}); });`,
  unloadable: `import './nowhere.js'; it('is never seen', () => {});`,
  crashing: `it('takes its process along', () => process.exit(7));`,
  unhandled: `it('leaves an error behind', () => void Promise.reject(new Error('left behind')));`,
};
type Sample = keyof typeof SAMPLES;

describe('the tally of a test run', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tally-'));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'vitest.config.mjs'), CONFIG);
    const imports = `import { beforeAll, describe, expect, it } from 'vitest';\n`;
    for (const [name, text] of Object.entries(SAMPLES))
      writeFileSync(join(folder, `${name}.sample.js`), imports + text);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(retry: number, ...samples: Sample[]) {
    const parameters = [resolve('node_modules/vitest/vitest.mjs'), 'run', ...samples];
    const env = { PATH: process.env.PATH, RETRY: String(retry) };
    const { status, stdout } = spawnSync(process.execPath, parameters, { cwd: folder, env, encoding: 'utf8' });
    return { isGood: status === 0, lastLines: stdout.trimEnd().split('\n') };
  }

  it('is the last line, and tells above it what passed at a second try only', () => {
    const { isGood, lastLines } = run(1, 'steady', 'shaky');
    expect(isGood).toBe(true);
    expect(lastLines.slice(-2)).toEqual([
      'Passed at a second try only: shaky.sample.js > a suite > is shaky: expected 1 to be 2 // Object.is equality',
      '2 passed, 0 failed, 1 skipped',
    ]);
  });

  it('counts as failed what fails twice, what fails where there is one try, and what takes its process along', () => {
    expect(run(0, 'shaky')).toMatchObject({ isGood: false, lastLines: expect.arrayContaining(['0 passed, 1 failed']) });
    const { isGood, lastLines } = run(1, ...(Object.keys(SAMPLES) as Sample[]));
    expect(isGood).toBe(false);
    // Broken, hookless, unloadable, crashing, unhandled.
    expect(lastLines.at(-1)).toBe('3 passed, 5 failed, 2 skipped');
  });
});
