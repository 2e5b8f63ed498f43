import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './ports.ts';

/** A way to a server that can be cut, and mended under the same address. */
export interface CuttableWay {
  url: string;
  cut(): void;
  mend(): Promise<void>;
}

/** Leads where `target` does: to PostgreSQL, to Redis. */
export async function cuttable(target: string): Promise<CuttableWay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  const open = async (at: number) => void (await once(server.listen(at, '127.0.0.1'), 'listening'));
  const nearPort = await freePort();
  await open(nearPort);
  const near = new URL(target);
  near.host = `127.0.0.1:${nearPort}`;
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: near.href, cut, mend: () => open(nearPort) };
}
