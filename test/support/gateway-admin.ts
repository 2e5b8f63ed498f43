import request from 'supertest';
import type { TestApp } from './app.ts';

interface IssuedKey {
  id: number;
  key_value: string;
  key_prefix: string;
}

export interface LogRow extends Record<string, unknown> {
  id: number;
  status_code: number;
}

/** What an admin does at the gateway, over HTTP. */
export class GatewayAdmin {
  constructor(private readonly app: TestApp) {}

  private get credential() {
    return { Authorization: `Bearer ${this.app.config.ADMIN_TOKEN}` };
  }

  get(path: string) {
    return request(this.app.url).get(`/admin${path}`).set(this.credential);
  }

  post(path: string, body: object) {
    return request(this.app.url).post(`/admin${path}`).set(this.credential).send(body);
  }

  put(path: string, body: object) {
    return request(this.app.url).put(`/admin${path}`).set(this.credential).send(body);
  }

  delete(path: string) {
    return request(this.app.url).delete(`/admin${path}`).set(this.credential);
  }

  /** Returns the number of the new upstream. */
  async addUpstream(upstream: { base_url: string } & Record<string, unknown>): Promise<number> {
    const usual = { name: 'main', provider: 'openrouter', api_key: 'sk-upstream-secret-1234' };
    const { body } = await this.post('/upstreams', { ...usual, ...upstream }).expect(201);
    return (body as { id: number }).id;
  }

  async issueKey(upstreamIds: number[], more: object = {}): Promise<IssuedKey> {
    const { body } = await this.post('/keys', { name: 'a team', upstream_ids: upstreamIds, ...more }).expect(201);
    return body as IssuedKey;
  }

  /** The log, newest first, as soon as it has `count` rows. */
  async logs(count: number, query = ''): Promise<LogRow[]> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const { body } = await this.get(`/logs?page_size=100${query}`).expect(200);
      const { items } = body as { items: LogRow[] };
      if (items.length >= count || Date.now() > deadline) return items;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
