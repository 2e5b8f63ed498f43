import { createServer } from 'node:net';

/** Below the ports that the system itself gives to connections, so that none is lost between being found and being used. */
const FIRST = 10_000;
const COUNT = 20_000;
let next = process.pid * 37;

/** A port on loopback that nobody listens on, and that this process gives out once. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
