import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { Config } from '../../shared/config.js';
import { TooManyRequests } from '../../shared/errors.js';
import { MemoryRateLimitStore } from '../../../test/fakes/rate-limit.memory.ts';
import { LoginThrottle } from './login-throttle.js';

function newThrottle() {
  const clock = new FixedClock();
  const config = Config.from({ ENCRYPTION_KEY: 'k'.repeat(43), JWT_SECRET: 's'.repeat(32) });
  return { clock, throttle: new LoginThrottle(new MemoryRateLimitStore(clock), config) };
}

const isAdmitted = (tried: Promise<unknown>) =>
  tried.then(
    () => true,
    () => false,
  );

describe('the login throttle', () => {
  it('#5 #6 admits five tries per account and window, however many come at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (tries) => {
        const { throttle } = newThrottle();
        const ips = Array.from({ length: tries }, (_, index) => `10.0.0.${index}`);
        const admitted = await Promise.all(ips.map((ip) => isAdmitted(throttle.admit('ada@example.com', ip))));
        expect(admitted.filter(Boolean)).toHaveLength(Math.min(tries, 5));
      }),
    );
  });

  it('#5 says when to come back, and admits then', async () => {
    const { clock, throttle } = newThrottle();
    for (let tries = 0; tries < 5; tries++) await throttle.admit('ada@example.com', '10.0.0.1');
    clock.advance(300);
    const refused = throttle.admit('ada@example.com', '10.0.0.1');
    await expect(refused).rejects.toBeInstanceOf(TooManyRequests);
    await expect(refused).rejects.toMatchObject({ retryAfter: 600 });
    clock.advance(600);
    await throttle.admit('ada@example.com', '10.0.0.1');
  });

  it('#5 #6 gives back a try that came to nothing, and never admits more than five that did not', async () => {
    const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(outcomes, async (areLookedAt) => {
        const { throttle } = newThrottle();
        let lookedAt = 0;
        const login = async (isLookedAt: boolean, index: number) => {
          const admitted = await throttle.admit('ada@example.com', `10.0.0.${index}`);
          if (isLookedAt) lookedAt++;
          else await throttle.withdraw(admitted);
        };
        await Promise.allSettled(areLookedAt.map(login));
        expect(lookedAt).toBeLessThanOrEqual(5);
        const allAtOnce = lookedAt;
        for (let tries = allAtOnce; tries < 5; tries++) await login(true, tries);
        await expect(login(true, 99)).rejects.toBeInstanceOf(TooManyRequests);
      }),
    );
  });

  it('#5 forgets the tries of who knew the password', async () => {
    const { throttle } = newThrottle();
    for (let logins = 0; logins < 100; logins++) {
      await throttle.admit('ada@example.com', '10.0.0.1');
      await throttle.succeeded('ada@example.com');
    }
  });

  it('#5 admits fifty wrong passwords per address, whichever accounts they are for', async () => {
    const { throttle } = newThrottle();
    for (let account = 0; account < 50; account++) {
      await throttle.admit(`${account}@example.com`, '10.0.0.1');
      await throttle.failed('10.0.0.1');
    }
    await expect(throttle.admit('ada@example.com', '10.0.0.1')).rejects.toBeInstanceOf(TooManyRequests);
    await throttle.admit('ada@example.com', '10.0.0.2');
  });

  it('#5 takes all addresses of an IPv6 network for one', async () => {
    const { throttle } = newThrottle();
    for (let host = 1; host <= 50; host++) await throttle.failed(`2001:db8::${host}`);
    await expect(throttle.admit('ada@example.com', '2001:db8::ffff')).rejects.toBeInstanceOf(TooManyRequests);
    await throttle.admit('ada@example.com', '2001:db8:0:1::1');
  });
});
