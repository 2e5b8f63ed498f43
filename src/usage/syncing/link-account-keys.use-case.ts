import { Injectable } from '@nestjs/common';
import { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { KeyWatch } from '../../api-keys/checking/key-watch.js';
import type { AccountKey, KeyListing } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import type { TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { type Match, matchKeys } from './account-keys.js';
import { booksOf } from '../books/bookkeeping.js';
import type { KeyMeter } from '../books/key-meter.entity.js';
import { UsageRepository } from '../usage.repository.js';

/** A key of the account and the row that stands for it here. */
export interface LinkedKey {
  key: ApiKey;
  listed: AccountKey;
}

/** Recognises the registered ones among an account's keys, takes the others in as discovered, and sees which are gone. */
@Injectable()
export class LinkAccountKeys {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly usage: UsageRepository,
    private readonly watch: KeyWatch,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Only a complete listing shows that a key is gone. Nothing happens if the management key itself has gone. */
  execute(manager: ApiKey, listing: KeyListing, run: TaskRun): Promise<{ linked: LinkedKey[]; discovered: number }> {
    const { keys: listed, isComplete } = listing;
    return this.unitOfWork.runAlone(booksOf(manager.userId), async () => {
      await run.stillOurs();
      // Held, so that nothing is discovered through a key that is being removed.
      const held = await this.keys.findToChange(manager.id);
      if (held?.secretHash !== manager.secretHash) return { linked: [], discovered: 0 };
      const known = await this.keys.listOf(manager.userId);
      const meters = await this.metersOf(known, listed);
      const matches = matchKeys(listed, known, (key) => meters.get(key.id) ?? null);
      const linked: LinkedKey[] = [];
      for (const match of matches) {
        if (await this.isStillThat(match)) linked.push(await this.link(match, managerOf(match, known, manager)));
      }
      if (isComplete) await this.seeWhatIsGone(known, manager, listed);
      await this.keys.flush();
      return { linked, discovered: matches.filter(({ key }) => key === null).length };
    });
  }

  /** The counters of keys that only their label could link. */
  private async metersOf(known: ApiKey[], listed: AccountKey[]): Promise<Map<number, KeyMeter | null>> {
    const labels = new Set(listed.map(({ label }) => label));
    const candidates = known.filter((key) => key.openRouterHash === null && labels.has(key.label ?? ''));
    const meters = new Map<number, KeyMeter | null>();
    for (const { id } of candidates) meters.set(id, await this.usage.findMeter(id));
    return meters;
  }

  /** Its owner may be entering another secret at this moment: then it is not the key that was recognised. */
  private async isStillThat({ key, listed }: Match): Promise<boolean> {
    if (!key || key.openRouterHash === listed.hash) return true;
    const { secretHash } = key;
    return (await this.keys.findToChange(key.id))?.secretHash === secretHash;
  }

  private async link({ listed, key: found, duplicate }: Match, manager: ApiKey): Promise<LinkedKey> {
    const key = found ?? this.discover(listed, manager);
    if (duplicate) await this.merge(duplicate, key);
    key.openRouterHash = listed.hash;
    key.managedById = manager.id;
    key.workspaceId = listed.workspaceId;
    if (key.kind === 'discovered') key.name = nameOf(listed);
    await this.watch.change(key, (now) => takeOver(key, listed, now));
    return { key, listed };
  }

  private discover(listed: AccountKey, { userId }: ApiKey): ApiKey {
    const key = new ApiKey(userId, nameOf(listed), 'discovered', this.clock.now());
    this.keys.add(key);
    return key;
  }

  /** Both rows have counted the same key: what was counted for longer stays. */
  private async merge(duplicate: ApiKey, key: ApiKey): Promise<void> {
    const [theirs, ours] = [await this.usage.findMeter(duplicate.id), await this.usage.findMeter(key.id)];
    if (theirs && (!ours || theirs.since < ours.since)) await this.usage.handOver(duplicate.id, key.id);
    this.keys.remove(duplicate);
    await this.keys.flush();
  }

  private async seeWhatIsGone(known: ApiKey[], manager: ApiKey, listed: AccountKey[]): Promise<void> {
    const hashes = new Set(listed.map(({ hash }) => hash));
    for (const key of known) {
      const isGone = key.managedById === manager.id && key.openRouterHash && !hashes.has(key.openRouterHash);
      if (isGone && key.status !== 'deleted') await this.watch.change(key, (now) => key.provenDeleted(now));
    }
  }
}

/** Whoever listed it first stays responsible, as long as that key works. */
function managerOf({ key }: Match, known: ApiKey[], manager: ApiKey): ApiKey {
  const first = known.find(({ id }) => id === key?.managedById);
  return first?.isActive ? first : manager;
}

function nameOf({ name, label }: AccountKey): string {
  return name.trim() || label || 'Unnamed key';
}

/** A registered key is asked itself; what the listing shows of it only explains a refusal. */
function takeOver(key: ApiKey, listed: AccountKey, now: Date): void {
  if (key.kind === 'discovered') key.showFigures(listed, now);
  if (listed.isDisabled) key.provenDisabled(now);
  else if (listed.expiresAt && listed.expiresAt <= now) key.provenExpired(now);
}
