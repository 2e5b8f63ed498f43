import type { SimulatedKey } from './key.ts';
import { usd } from './money.ts';
import { type Answer, type Call, managementOnly, numberFrom, Refusal } from './world.ts';

const KEYS_PER_PAGE = 100;

export function describeKey({ key }: Call): Answer {
  return { body: { data: key.asSeenByItself() } };
}

/** One workspace's keys, newest first, a hundred a page. */
export function listKeys(call: Call): Answer {
  const account = managementOnly(call);
  const workspaceId = call.query.get('workspace_id') ?? account.defaultWorkspace.id;
  if (!account.workspaces.some(({ id }) => id === workspaceId)) throw new Refusal(404, 'Workspace not found');
  const asked = (name: string) => call.query.get(name) === 'true';
  const shown = account.keys
    .filter((key) => key.workspace.id === workspaceId && isListed(key))
    .filter((key) => asked('include_disabled') || !key.disabled)
    .filter((key) => asked('include_expired') || !key.isExpired)
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id);
  const offset = numberFrom(call.query, 'offset', 0);
  return { body: { data: shown.slice(offset, offset + KEYS_PER_PAGE).map((key) => key.asSeenByManagement()) } };
}

export function showKey(call: Call): Answer {
  const account = managementOnly(call);
  const key = account.keys.find(({ hash }) => hash === call.params[0]);
  if (!key || !isListed(key)) throw new Refusal(404, 'API key not found');
  return { body: { data: key.asSeenByManagement() } };
}

function isListed(key: SimulatedKey): boolean {
  return !key.deleted && !key.isUnlisted;
}

export function listWorkspaces(call: Call): Answer {
  const account = managementOnly(call);
  const offset = numberFrom(call.query, 'offset', 0);
  const limit = numberFrom(call.query, 'limit', 100, 100);
  const data = account.workspaces.slice(offset, offset + limit).map(({ id, name, slug, createdAt }) => ({
    id,
    name,
    slug,
    description: null,
    created_at: createdAt.toISOString(),
    created_by: account.userId,
    updated_at: null,
    default_text_model: null,
    default_image_model: null,
    default_provider_sort: null,
    include_byok_in_budgets: false,
  }));
  return { body: { data, total_count: account.workspaces.length } };
}

export function showCredits(call: Call): Answer {
  const account = call.world.behaviour.creditsForAll ? call.key.account : managementOnly(call);
  return { body: { data: { total_credits: usd(account.credits), total_usage: usd(account.used) } } };
}
