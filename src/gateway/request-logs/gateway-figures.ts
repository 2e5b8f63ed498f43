import { Injectable } from '@nestjs/common';

/** What this process has served and what was lost, counted since it started, for whoever watches it. */
@Injectable()
export class GatewayFigures {
  /** Requests that are over, by the status that the client was answered. */
  readonly requests = new Map<number, number>();
  underWay = 0;
  /** Calls that are over and not in the database yet. */
  waiting = 0;
  /** Calls of which no log row will ever tell: their process died, or the log could not be stored for too long. */
  lostCalls = 0;
  /** Parts of budgets that were given back because nobody settled them in time. */
  expiredReservations = 0;

  begin(): void {
    this.underWay++;
  }

  end(status: number): void {
    this.underWay--;
    this.requests.set(status, (this.requests.get(status) ?? 0) + 1);
  }
}
