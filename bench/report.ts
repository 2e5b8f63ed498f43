import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Prints a table with the conditions that it holds for, and writes both as JSON below bench/results. */
export function report(name: string, conditions: Record<string, unknown>, rows: Record<string, unknown>[]): void {
  const [cpu] = cpus();
  const machine = { node: process.versions.node, cpu: cpu?.model, cores: cpus().length, at: new Date().toISOString() };
  const complete = { ...machine, ...conditions };
  console.log(name);
  console.table(rows);
  for (const [key, value] of Object.entries(complete)) console.log(`  ${key}: ${String(value)}`);
  const directory = new URL('results/', import.meta.url);
  mkdirSync(directory, { recursive: true });
  writeFileSync(new URL(`${name}.json`, directory), `${JSON.stringify({ ...complete, rows }, null, 2)}\n`);
}

export function median(values: number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
