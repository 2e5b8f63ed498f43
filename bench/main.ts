// `npm run bench` runs every benchmark on the built service, `npm run bench -- gateway` one of them.
import { readdirSync } from 'node:fs';

const NO_BENCHMARKS = ['main.ts', 'report.ts'];
/** Only on demand: it fills the database that BENCH_DATABASE_URL names. */
const ON_DEMAND = 'seed';
const all = readdirSync(import.meta.dirname)
  .filter((file) => /^[\w-]+\.ts$/.test(file) && !NO_BENCHMARKS.includes(file))
  .map((file) => file.replace('.ts', ''));
const named = process.argv.slice(2);
const unknown = named.find((name) => !all.includes(name));
if (unknown) {
  console.error(`There is no benchmark ${unknown}. Name some of: ${all.join(', ')}.`);
  process.exit(1);
}
const setUp = (await import(new URL('../scripts/set-up.mjs', import.meta.url).href)) as { buildIfNeeded(): void };
setUp.buildIfNeeded();
for (const name of named.length > 0 ? named : all.filter((one) => one !== ON_DEMAND)) await import(`./${name}.ts`);
