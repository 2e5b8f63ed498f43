import { CHROMIUM, POSTGRES_URL, REDIS_URL } from './services.ts';

/** Says what cannot be tested here. */
export default function setUp(): void {
  sayWhatIsLeftOut();
}

function sayWhatIsLeftOut(): void {
  const missing = [
    !POSTGRES_URL && 'PostgreSQL (set TEST_POSTGRES_URL)',
    !REDIS_URL && 'Redis (set TEST_REDIS_URL)',
    !CHROMIUM && 'Chromium (install it at /usr/bin/chromium)',
  ].filter(Boolean);
  if (missing.length > 0) console.log(`Left out here, because it is not reachable: ${missing.join(', ')}.`);
}
