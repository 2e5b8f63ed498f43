const whole = (description: string, example: number) => ({
  description,
  schema: { type: 'integer' as const, minimum: 0, example },
});

/** What every answer of a rate-limited route carries, for the OpenAPI document. */
export const RATE_LIMIT_HEADERS = {
  'X-RateLimit-Limit': whole('How many calls a window allows.', 100),
  'X-RateLimit-Remaining': whole('How many of them are left.', 58),
  'X-RateLimit-Reset': whole('Whole seconds until the window ends.', 1800),
};
