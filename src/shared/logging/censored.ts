const SECRETS = new Set(['authorization', 'cookie', 'x-api-key', 'password', 'token', 'secret', 'key', 'api_key']);
const CENSOR = '[redacted]';
/** How many objects deep secrets are looked for. */
const DEPTH = 3;

/**
 * What a log may show of these fields: those that are named like secrets are blacked out. Fields without any, which most
 * are, come back as they are: this runs for every request, a flood of them included.
 */
export function censored<T extends object>(fields: T, depth = DEPTH): T {
  let copy: object | undefined;
  for (const [name, value] of Object.entries(fields)) {
    const shown = SECRETS.has(name) ? CENSOR : isNested(value) && depth > 1 ? censored(value, depth - 1) : value;
    if (shown === value) continue;
    copy ??= Array.isArray(fields) ? [...fields] : { ...fields };
    Object.assign(copy, { [name]: shown });
  }
  return (copy as T | undefined) ?? fields;
}

/** Errors have a serializer of their own, which tells little enough. */
function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}
