/**
 * What was entered as a day or a minute, in UTC, as the API wants an instant: `2027-01-01T00:00:00Z`. Nothing entered is
 * undefined; what is neither stays as it is, for the rules of the API to refuse.
 */
export function instantOf(entered: string): string | undefined {
  if (entered === '') return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(entered)) return `${entered}T00:00:00Z`;
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(entered)) return `${entered}:00Z`;
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$/.test(entered) ? `${entered}Z` : entered;
}

/** An instant as a field of type datetime-local takes it, in UTC. */
export function minuteInField(at: Date | null): string {
  return at?.toISOString().slice(0, 16) ?? '';
}
