import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import type { Call } from '../proxy/call-ledger.port.js';
import { type EndedCall, hoursOf, rowOf } from './call-record.js';
import { OpenCallsRepository } from './losses/open-calls.repository.js';
import { RequestLogRepository } from './request-log.repository.js';

/** Writes down calls that are over, and all that follows from them, within one unit of work. */
@Injectable()
export class CallStore {
  constructor(
    private readonly logs: RequestLogRepository,
    private readonly openCalls: OpenCallsRepository,
    private readonly picture: GatewayPicture,
    private readonly clock: Clock,
  ) {}

  /** `open`: how many calls this instance still has open after these. */
  async write(ended: readonly EndedCall[], { instanceId, open }: { instanceId: string; open: number }): Promise<void> {
    if (ended.length > 0) {
      const calls = ended.map(({ call }) => call);
      await this.logs.append(ended.map((one) => rowOf(one, this.canBeSettled(one.call))));
      await this.logs.addToHours(hoursOf(calls));
      await this.logs.recordUses(lastUses(calls));
    }
    await this.openCalls.note(instanceId, open, this.clock.now());
  }

  /** OpenRouter can be asked later what a call has cost. */
  private canBeSettled({ upstreamId }: Call): boolean {
    return upstreamId !== null && this.picture.upstream(upstreamId)?.provider === 'openrouter';
  }
}

function lastUses(calls: readonly Call[]): Map<number, Date> {
  const uses = new Map<number, Date>();
  for (const { clientKeyId, startedAt } of calls) {
    if (clientKeyId === null) continue;
    const known = uses.get(clientKeyId);
    if (!known || known < startedAt) uses.set(clientKeyId, startedAt);
  }
  return uses;
}
