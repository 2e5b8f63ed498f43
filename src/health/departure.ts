import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Config } from '../shared/config.js';

/** A service that is told to stop says so first, and still takes what comes until the balancer has turned elsewhere. */
@Injectable()
export class Departure implements BeforeApplicationShutdown {
  private isUnderWay = false;

  constructor(private readonly config: Config) {}

  get isNear(): boolean {
    return this.isUnderWay;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isUnderWay = true;
    await pause(this.config.STOP_DELAY_SECONDS * 1000);
  }
}
