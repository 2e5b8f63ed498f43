import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from './app.ts';
import { GatewayAdmin, type LogRow } from './gateway-admin.ts';

export const MODEL = 'openai/gpt-4.1-mini';
export const TEXT = 'Grüße from the gateway: 你好 🙂!';
/** What the simulated model wants to know before it says its text. */
export const WEATHER = { name: 'weather', arguments: { city: 'Köln' } };
/** What a call has in the log that was answered with TEXT. */
export const USED = {
  prompt_tokens: 120,
  completion_tokens: 30,
  total_tokens: 150,
  cached_tokens: 100,
  reasoning_tokens: 7,
  settlement: 'settled',
  status_code: 200,
  model: MODEL,
};

/** The service before a simulated OpenRouter, for the packages that people use: a key for them, and the log of their calls. */
export class ClientWorld implements AsyncDisposable {
  private seen = 0;

  private constructor(
    readonly simulator: Simulator,
    readonly app: TestApp,
    readonly admin: GatewayAdmin,
    private readonly upstream: number,
    readonly apiKey: string,
  ) {}

  static async start(): Promise<ClientWorld> {
    const simulator = await startSimulator();
    const { secret } = simulator.account().key();
    const app = await startApp({ env: { UPSTREAM_ALLOWED_CIDRS: '127.0.0.1/32' } });
    const admin = new GatewayAdmin(app);
    const upstream = await admin.addUpstream({ base_url: simulator.url, api_key: secret });
    return new ClientWorld(simulator, app, admin, upstream, (await admin.issueKey([upstream])).key_value);
  }

  /** For clients that add `/v1` themselves. */
  get proxy(): string {
    return `${this.app.url}/proxy`;
  }

  get baseURL(): string {
    return `${this.proxy}/v1`;
  }

  /** A key whose budget the first call has used up. */
  async spentKey(): Promise<string> {
    const limits = { budget_usd: 0.000001, budget_period: 'day' };
    const { key_value: secret } = await this.admin.issueKey([this.upstream], { limits });
    await fetch(`${this.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages: [] }),
    });
    await this.newRows(1);
    return secret;
  }

  /** Nothing fails, and the model has something to say. */
  renew(): void {
    this.simulator.heal();
    const used = { promptTokens: 120, completionTokens: 30, reasoningTokens: 7, cachedTokens: 100 };
    this.simulator.completeWith({ text: TEXT, tool: undefined, ...used });
  }

  /** The rows of the requests since the last call, oldest first. */
  async newRows(count: number): Promise<LogRow[]> {
    const rows = (await this.admin.logs(this.seen + count)).slice(0, -this.seen || undefined).toReversed();
    this.seen += rows.length;
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
    await this.simulator.close();
  }
}
