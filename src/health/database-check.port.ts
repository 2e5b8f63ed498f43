/** Whether something that the service needs is there; `off` if it is set up to do without it. */
export interface CheckResult {
  status: 'up' | 'down' | 'off';
  /** What is wrong, in a sentence without addresses and secrets. */
  detail?: string;
}

/** Asks what the service needs whether it is there. Never throws, and answers within about a second. */
export abstract class DatabaseCheck {
  abstract connection(): Promise<CheckResult>;
  abstract migrations(): Promise<CheckResult>;
}
