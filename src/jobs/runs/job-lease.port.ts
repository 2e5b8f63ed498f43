/** The right to run a job, until it expires or somebody takes it over. A later lease has a higher fencing number. */
export interface Lease {
  readonly job: string;
  readonly owner: string;
  readonly fencing: number;
}

/** Who may run which job now, over all instances. Call it inside a unit of work. */
export abstract class JobLeases {
  /** Null while somebody else holds it. Of any number of owners that ask at once, one gets it. */
  abstract acquire(job: string, owner: string, seconds: number): Promise<Lease | null>;

  /** Makes it last `seconds` from now. False if it is not ours any more. */
  abstract renew(lease: Lease, seconds: number): Promise<boolean>;

  /** Gives it back; does nothing if it is not ours any more. */
  abstract release(lease: Lease): Promise<void>;

  /** Throws LeaseLost if it is not ours any more; otherwise nobody can take it over before this unit of work ends. */
  abstract hold(lease: Lease): Promise<void>;

  /** The jobs whose lease is held and has not expired. */
  abstract listHeld(): Promise<string[]>;
}

/** Another instance runs the job now, so this one may not change anything in its name. */
export class LeaseLost extends Error {
  constructor(job: string) {
    super(`Another instance has taken over the job ${job}.`);
    this.name = 'LeaseLost';
  }
}
