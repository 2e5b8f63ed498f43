import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { parseExactJson } from '../../../open-router/exact-json.js';
import { type NanoUsd, parseUsd } from '../../../shared/money.js';
import { credentialHeader } from '../../proxy/requests/request-headers.js';
import { UpstreamConnections } from '../../proxy/forwarding/upstream-connections.js';
import type { Upstream } from '../../proxy/access/upstream-directory.port.js';
import { GenerationSource } from './generation-source.port.js';
import type { LateUsage } from '../request-log.repository.js';

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 1024 * 1024;

/** Numbers are texts here, as they were written. */
const amount = z.string().transform((text, context): NanoUsd => {
  try {
    return parseUsd(text);
  } catch {
    context.addIssue('no amount');
    return z.NEVER;
  }
});
const tokens = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .nullable()
  .catch(null);

const Generation = z.object({
  data: z.object({
    total_cost: amount,
    is_byok: z.boolean().catch(false),
    upstream_inference_cost: amount.nullable().catch(null),
    native_tokens_prompt: tokens,
    native_tokens_completion: tokens,
    native_tokens_cached: tokens,
    native_tokens_reasoning: tokens,
  }),
});

/** OpenRouter's `GET /generation`. */
@Injectable()
export class HttpGenerationSource extends GenerationSource {
  constructor(private readonly connections: UpstreamConnections) {
    super();
  }

  async usageOf(upstream: Upstream, generationId: string): Promise<LateUsage | null> {
    try {
      const answer = Generation.safeParse(parseExactJson(await this.ask(upstream, generationId)));
      return answer.success ? usageIn(answer.data.data) : null;
    } catch {
      return null;
    }
  }

  private async ask(upstream: Upstream, generationId: string): Promise<string> {
    const { origin, path: base } = this.connections.baseOf(upstream);
    const { statusCode, body } = await this.connections.request({
      origin,
      path: `${base}/generation?id=${encodeURIComponent(generationId)}`,
      method: 'GET',
      headers: ['accept', 'application/json', ...credentialHeader(upstream.provider, upstream.credential())],
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (statusCode !== 200) {
      await body.dump();
      return 'null';
    }
    let text = '';
    for await (const chunk of body.setEncoding('utf8')) {
      text += chunk as string;
      if (text.length > MOST_BYTES) throw new RangeError('The answer is too long.');
    }
    return text;
  }
}

function usageIn(data: z.infer<typeof Generation>['data']): LateUsage {
  return {
    promptTokens: data.native_tokens_prompt,
    completionTokens: data.native_tokens_completion,
    cachedTokens: data.native_tokens_cached,
    reasoningTokens: data.native_tokens_reasoning,
    cost: data.total_cost,
    // Without a key of the client's own it repeats the cost, and adding it would count a dollar twice.
    byokCost: data.is_byok ? data.upstream_inference_cost : null,
  };
}
