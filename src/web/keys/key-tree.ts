import type { ApiKey } from '../../api-keys/api-key.entity.js';

/** A key that its owner has registered, and what it has shown if it is a management key. */
export interface KeyBranch {
  key: ApiKey;
  discovered: ApiKey[];
}

/** Keys by name; those that a management key has shown stand under it, the ones it has lost at the end. */
export function keyTree(keys: readonly ApiKey[]): KeyBranch[] {
  const sorted = keys.toSorted((one, other) => one.name.localeCompare(other.name, 'en') || one.id - other.id);
  const managers = new Set(keys.filter(({ kind }) => kind === 'management').map(({ id }) => id));
  const isBeneath = ({ kind, managedById }: ApiKey) =>
    kind === 'discovered' && managedById !== null && managers.has(managedById);
  return sorted
    .filter((key) => !isBeneath(key))
    .toSorted((one, other) => Number(one.kind === 'discovered') - Number(other.kind === 'discovered'))
    .map((key) => ({ key, discovered: sorted.filter((each) => isBeneath(each) && each.managedById === key.id) }));
}
