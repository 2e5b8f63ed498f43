// What becomes of the service while it is used: memory, open files, the delay of its event loop.
import { median, round } from './report.ts';
import { memory, openFiles, processorMs, type Service } from './service.process.ts';

const EVERY_MS = 1_000;

/** Looks at the service once a second until the returned function is called, which tells what it saw. */
export async function watch(service: Service): Promise<() => Promise<Record<string, number>>> {
  const began = performance.now();
  const processor = processorMs(service);
  const seen: { minutes: number; megabytes: number; files: number }[] = [];
  const look = () => {
    seen.push({ minutes: (performance.now() - began) / 60_000, megabytes: memory(service), files: openFiles(service) });
  };
  look();
  const timer = setInterval(look, EVERY_MS);
  // The service measures the delay from one look at its metrics to the next.
  await loopDelay(service);
  return async () => {
    clearInterval(timer);
    look();
    const { p99, most } = await loopDelay(service);
    const half = seen.slice(Math.floor(seen.length / 2));
    return {
      'loop delay p99, ms': p99,
      'loop delay most, ms': most,
      'processor, share of one core': round((processorMs(service) - processor) / (performance.now() - began)),
      'RSS at first, MB': Math.round(seen[0]!.megabytes),
      'RSS at last, MB': Math.round(seen.at(-1)!.megabytes),
      'RSS slope of the second half, MB/min': round(slope(half.map(({ minutes, megabytes }) => [minutes, megabytes]))),
      'open files at first': seen[0]!.files,
      'open files, median of the second half': median(half.map(({ files }) => files)),
    };
  };
}

/** As Node's own monitor has it, whose timer alone takes 10 ms: an idle loop is said to be 10 ms late. */
async function loopDelay({ url }: Service): Promise<{ p99: number; most: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const milliseconds = (name: string) => round(Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]) * 1000);
  return {
    p99: milliseconds('nodejs_eventloop_lag_p99_seconds'),
    most: milliseconds('nodejs_eventloop_lag_max_seconds'),
  };
}

/** Of the straight line that lies closest to the points. */
function slope(points: [x: number, y: number][]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([one]) => one)), mean(points.map(([, other]) => other))];
  const [above, below] = [points.map(([a, b]) => (a - x) * (b - y)), points.map(([a]) => (a - x) ** 2)];
  return mean(above) / mean(below);
}
