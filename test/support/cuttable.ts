import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './ports.ts';

/** A way to a server that can be cut, and mended under the same address. */
export interface CuttableWay {
  url: string;
  cut(): void;
  /** Nothing arrives any more, and nobody is told. */
  silence(): void;
  mend(): Promise<void>;
}

/** Leads where `target` does: to PostgreSQL, to Redis. */
export async function cuttable(target: string): Promise<CuttableWay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.on('data', (part) => isSilent || far.write(part)).on('end', () => far.end());
    far.on('data', (part) => isSilent || near.write(part)).on('end', () => near.end());
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
  const silence = () => void (isSilent = true);
  const mend = () => {
    isSilent = false;
    return server.listening ? Promise.resolve() : open(nearPort);
  };
  return { url: near.href, cut, silence, mend };
}
