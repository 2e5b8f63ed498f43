// Preloaded into a process (`node --import`): writes to file descriptor 3 how many milliseconds the process has taken,
// working or waiting, without the time in which the machine was busy elsewhere.
import { writeSync } from 'node:fs';

const TICK_MS = 5;
let waited = 0;
// However long the process stands still, the timer strikes once afterwards.
setInterval(() => (waited += TICK_MS), TICK_MS).unref();
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, String(Math.round((user + system) / 1000 + waited)));
});
