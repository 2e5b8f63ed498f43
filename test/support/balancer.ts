import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './ports.ts';
import { HAPROXY } from './services.ts';

/** HAProxy as `deploy/haproxy.cfg` has it, before two instances. */
export interface Balancer extends AsyncDisposable {
  url: string;
}

/** Starts it, and waits until it lets callers through. */
export async function startBalancer(one: string, two: string): Promise<Balancer> {
  const port = await freePort();
  const env = {
    LISTEN: `127.0.0.1:${port}`,
    INSTANCE_ONE: new URL(one).host,
    INSTANCE_TWO: new URL(two).host,
  };
  const child = spawn(HAPROXY!, ['-db', '-f', 'deploy/haproxy.cfg'], { env, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/ready`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error(`HAProxy ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
