// OpenRouter, simulated in a process of its own, for `users-100`: so many accounts that go on spending. Tells its address and
// the accounts' management keys.
import { startSimulator } from '../test/simulator/simulator.ts';

const ACCOUNTS = Number(process.argv[2]);
const KEYS = 3;
const DAYS = 30;
const DAY_MS = 86_400_000;
const SPENDS_EVERY_MS = 10_000;
const MODELS = ['openai/gpt-4.1-mini', 'openai/gpt-4.1', 'google/gemini-2.5-flash', 'anthropic/claude-sonnet-4.5'];

const simulator = await startSimulator();
const customers = Array.from({ length: ACCOUNTS }, () => {
  const account = simulator.account({ credits: 100_000 });
  return { management: account.managementKey(), keys: Array.from({ length: KEYS }, () => account.key()) };
});
const spendAt = (at: Date) => {
  for (const { keys } of customers) {
    for (const key of keys) {
      for (const model of MODELS) {
        key.spend({ at, model, requests: 3, promptTokens: 4_000, completionTokens: 900, cost: '0.0123' });
      }
    }
  }
};
for (let day = DAYS; day >= 0; day--) spendAt(new Date(Date.now() - day * DAY_MS));
setInterval(() => spendAt(new Date()), SPENDS_EVERY_MS).unref();

process.send?.({ url: simulator.url, secrets: customers.map(({ management }) => management.secret) });
process.on('disconnect', () => process.exit());
