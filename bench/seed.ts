// Fills the database that BENCH_DATABASE_URL names: BENCH_PEOPLE people (46 are ten million usage rows) and BENCH_LOGS
// rows of the gateway's log. What is there already stays; the same numbers give the same rows.
import { seed } from './seed.data.ts';
import { ROWS_OF_A_PERSON } from './usage.data.ts';

const url = process.env.BENCH_DATABASE_URL;
if (!url) throw new Error('Name the database to fill in BENCH_DATABASE_URL.');
const people = Number(process.env.BENCH_PEOPLE ?? 1);
const logs = Number(process.env.BENCH_LOGS ?? 200_000);
const began = performance.now();
await seed(url, { people, logs });
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`${people * ROWS_OF_A_PERSON} usage rows and ${logs} log rows are there, after ${seconds} seconds.`);
