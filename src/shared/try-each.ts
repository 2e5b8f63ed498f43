/** Does the same for one after the other, whatever becomes of those before. Only the signal ends it early. */
export async function tryEach<One>(
  all: readonly One[],
  work: (one: One) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  for (const one of all) {
    signal?.throwIfAborted();
    try {
      await work(one);
    } catch (error) {
      signal?.throwIfAborted();
      errors.push(error);
    }
  }
  // Thrown at the end, so that whoever asked learns that not all is done.
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${all.length} failed`);
}
