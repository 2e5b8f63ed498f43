/** Under which name Nest hands out the log (a pino logger). */
export const LOGGER = Symbol('Logger');
