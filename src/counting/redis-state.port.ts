/** Whether Redis can be reached; `off` if the service is set up to do without it. */
export abstract class RedisState {
  abstract readonly status: 'up' | 'down' | 'off';
}
