import type { SimulatedAccount, Spending } from './account.ts';
import { addDays, dayOf } from './calendar.ts';
import { permaslugOf, uuidOf } from './catalogue.ts';
import { usd } from './money.ts';
import { type Answer, type Call, managementOnly, Refusal } from './world.ts';

/** One row per day, model and endpoint (and workspace, if asked for) of the last completed days. */
export function listActivity(call: Call): Answer {
  const account = managementOnly(call);
  const { query, world } = call;
  const today = dayOf(world.now());
  const first = addDays(today, -world.behaviour.activityDays);
  const date = query.get('date');
  if (date !== null && !/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Refusal(400, 'Invalid date');
  if (date !== null && (date < first || date >= today)) {
    throw new Refusal(400, `Date must be within the last ${world.behaviour.activityDays} (completed) UTC days`);
  }
  const byWorkspace = query.get('group_by') === 'workspace';
  const groups = Map.groupBy(
    asked(account, query).filter(({ at }) =>
      date === null ? dayOf(at) >= first && dayOf(at) < today : dayOf(at) === date,
    ),
    ({ at, model, provider, key }) => [dayOf(at), model, provider, byWorkspace ? key.workspace.id : ''].join('\n'),
  );
  const data = [...groups.values()].map((spendings) => row(spendings, byWorkspace));
  return { body: { data: data.toSorted((a, b) => b.date.localeCompare(a.date)) } };
}

function asked(account: SimulatedAccount, query: URLSearchParams): Spending[] {
  const hash = query.get('api_key_hash');
  const workspaceId = query.get('workspace_id');
  const userId = query.get('user_id');
  if (hash !== null && !account.keys.some((key) => key.hash === hash)) throw new Refusal(404, 'API key not found');
  return account
    .past()
    .filter(({ key }) => hash === null || key.hash === hash)
    .filter(({ key }) => workspaceId === null || key.workspace.id === workspaceId)
    .filter(() => userId === null || userId === account.userId);
}

function row(spendings: Spending[], byWorkspace: boolean) {
  const { at, model, provider, key } = spendings[0]!;
  const total = (name: 'requests' | 'promptTokens' | 'completionTokens' | 'reasoningTokens') =>
    spendings.reduce((sum, spending) => sum + spending[name], 0);
  const money = (name: 'cost' | 'byokCost') => usd(spendings.reduce((sum, spending) => sum + spending[name], 0n));
  return {
    date: dayOf(at),
    model,
    model_permaslug: permaslugOf(model),
    endpoint_id: uuidOf(model, provider),
    provider_name: provider,
    usage: money('cost'),
    byok_usage_inference: money('byokCost'),
    requests: total('requests'),
    prompt_tokens: total('promptTokens'),
    completion_tokens: total('completionTokens'),
    reasoning_tokens: total('reasoningTokens'),
    ...(byWorkspace ? { workspace_id: key.workspace.id } : {}),
  };
}
