const TICK_MS = 5;

/**
 * How many milliseconds something takes of the time that this process is given: while the machine is busy elsewhere and
 * the process stands still, no time passes. For promises about what happens within the process, the network on loopback
 * included, which have to hold on a machine under any load.
 */
export async function processTimeOf(work: () => Promise<unknown>): Promise<number> {
  let ticks = 0;
  // However long a turn of the event loop takes, a timer strikes in it once.
  const timer = setInterval(() => ticks++, TICK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return ticks * TICK_MS;
}
