// `node test/simulator/main.ts [port]`: a simulated OpenRouter with one account, until it is interrupted.
import { startSimulator } from './simulator.ts';

const simulator = await startSimulator({ port: Number(process.argv[2] ?? 0) });
const account = simulator.account();
console.log(`OpenRouter, simulated: ${simulator.url}`);
console.log(`management key: ${account.managementKey().secret}`);
console.log(`standard key:   ${account.key({ name: 'First', limit: 25, limitReset: 'monthly' }).secret}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
