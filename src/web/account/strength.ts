import { COMMON_PASSWORDS } from '../../auth/passwords/common-passwords.js';
import { emailKeyOf } from '../../auth/accounts/user.entity.js';

/** 0: not accepted; 4: more than enough. */
export interface Strength {
  score: 0 | 1 | 2 | 3 | 4;
  verdict: string;
}

const LEAST = 8;
/** From how many bits of guesswork each score begins. */
const STEPS = [30, 45, 60, 80] as const;
const VERDICTS = [
  'Weak. Add a word or two.',
  'Fair. One more word makes it good.',
  'Good.',
  'Strong.',
  'Very strong.',
] as const;

/** How hard a password would be to guess, roughly; what registering would refuse has the score 0. */
export function strengthOf(password: string, email: string): Strength {
  const length = [...password].length;
  const guess = password.toLowerCase();
  if (length < LEAST) return { score: 0, verdict: `Too short: ${LEAST} characters or more.` };
  if (COMMON_PASSWORDS.has(guess)) return { score: 0, verdict: 'One of the most common passwords. Choose another.' };
  if (guess === emailKeyOf(email)) return { score: 0, verdict: 'This is the e-mail address. Choose another.' };
  const bits = bitsOf(password);
  const score = Math.max(1, STEPS.filter((step) => bits >= step).length) as 1 | 2 | 3 | 4;
  return { score, verdict: VERDICTS[bits < STEPS[0] ? 0 : score]! };
}

/** Length counts, variety counts; what is repeated or runs in a row counts little. */
function bitsOf(password: string): number {
  const characters = [...password];
  const alphabet =
    (/[a-z]/.test(password) ? 26 : 0) +
    (/[A-Z]/.test(password) ? 26 : 0) +
    (/\d/.test(password) ? 10 : 0) +
    (/[^a-zA-Z\d]/.test(password) ? 20 : 0);
  const surprises = characters.filter((character, index) => {
    const step = index === 0 ? NaN : character.codePointAt(0)! - characters[index - 1]!.codePointAt(0)!;
    return Number.isNaN(step) || Math.abs(step) > 1;
  });
  const variety = new Set(characters.map((character) => character.toLowerCase())).size / characters.length;
  return surprises.length * Math.log2(Math.max(alphabet, 2)) * Math.min(1, 0.4 + variety) * 0.75;
}
