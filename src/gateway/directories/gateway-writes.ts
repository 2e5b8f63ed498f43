import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { GatewayPicture } from './gateway-picture.js';
import { GatewayState } from './gateway-state.reports.js';

/** Changes to upstreams and client keys: one at a time, in force on this instance when done, on the others soon after. */
@Injectable()
export class GatewayWrites {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly state: GatewayState,
    private readonly picture: GatewayPicture,
  ) {}

  /** `work` is a unit of work; it is told the number under which its change is known. */
  async run<T>(work: (change: number) => Promise<T>): Promise<T> {
    const result = await this.unitOfWork.runAlone('gateway', async () => work(await this.state.nextChange()));
    await this.picture.refresh();
    return result;
  }
}
