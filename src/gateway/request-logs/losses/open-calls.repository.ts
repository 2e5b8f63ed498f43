/**
 * How many calls each instance has begun that are not in the log yet, written together with the log: what an instance
 * still has open when it is seen no more was lost. Writing belongs into a unit of work.
 */
export abstract class OpenCallsRepository {
  abstract note(instanceId: string, calls: number, now: Date): Promise<void>;
  /** Forgets the instances that were not seen since then; returns how many calls they had open. */
  abstract takeLost(notSeenSince: Date): Promise<number>;
}
