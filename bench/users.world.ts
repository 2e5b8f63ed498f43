// The hundred people of `users-100` before they begin, and the OpenRouter that their usage comes from.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { bearer, logIn, post } from './service.asking.ts';
import { ADMIN_TOKEN, type Service } from './service.process.ts';
import type { Person } from './users.actions.ts';

/** Between two syncs: by the clock it would be an hour. */
const SYNC_AGAIN_MS = 15_000;

interface OpenRouter {
  url: string;
  secrets: string[];
  process: ChildProcess;
}

/** With so many accounts, whose management keys it tells. */
export async function startOpenRouter(accounts: number): Promise<OpenRouter> {
  const child = fork(new URL('users.openrouter.ts', import.meta.url), [String(accounts)], { stdio: 'inherit' });
  const [told] = (await once(child, 'message')) as [Omit<OpenRouter, 'process'>];
  return { ...told, process: child };
}

/** Sessions, keys for the gateway, and a management key for those who are synced. */
export async function settle(service: Service, tokens: string[], target: string, secrets: string[]): Promise<Person[]> {
  const admin = bearer(ADMIN_TOKEN);
  const upstream = { name: 'bench', provider: 'openai', base_url: `${target}/v1`, api_key: 'sk-upstream' };
  const { id } = await post<{ id: number }>(service, '/admin/upstreams', admin, upstream);
  const people: Person[] = [];
  for (const [index, token] of tokens.entries()) {
    const jwt = await logIn(service, index + 1);
    const key = { name: `person ${index + 1}`, upstream_ids: [id] };
    const { key_value: clientKey } = await post<{ key_value: string }>(service, '/admin/keys', admin, key);
    const secret = secrets[index];
    if (secret) await post(service, '/api/keys', bearer(jwt), { name: 'account', key: secret });
    people.push({ number: index + 1, jwt, token, clientKey });
  }
  return people;
}

/** Syncs again and again until it is told to stop; returns how long each took, in milliseconds. */
export function keepSyncing(service: Service): () => Promise<number[]> {
  const end = new AbortController();
  const sync = async () => {
    const times: number[] = [];
    while (!end.signal.aborted) {
      const began = performance.now();
      await post(service, '/admin/jobs/usage-sync/run', bearer(ADMIN_TOKEN), {});
      times.push(performance.now() - began);
      await pause(SYNC_AGAIN_MS);
    }
    return times;
  };
  const all = sync();
  return () => {
    end.abort();
    return all;
  };
}
