import { Clock } from '../shared/time/clock.port.js';
import { type CountedWindow, type NamedWindow, WindowCounters } from './window-counters.port.js';

/** Keeps at most this many windows of each kind, so that a flood of names cannot eat the memory (about 10 MB). */
export const MOST_WINDOWS = 50_000;
const KEPT_WHEN_FULL = 45_000;

/** Counters of one process. When a kind has too many windows, those that have been open longest are given up first. */
export class MemoryWindowCounters extends WindowCounters {
  private readonly kinds = new Map<string, Map<string, CountedWindow>>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async hit(name: string, windowSeconds: number): Promise<CountedWindow> {
    const window = this.open(name) ?? this.store(name, { hits: 0, endsAt: this.now() + windowSeconds * 1000 });
    window.hits++;
    return { ...window };
  }

  async find(name: string): Promise<CountedWindow | null> {
    const window = this.open(name);
    return window ? { ...window } : null;
  }

  async takeBack(name: string, endsAt: number): Promise<void> {
    const window = this.open(name);
    if (window?.endsAt === endsAt && window.hits > 0) window.hits--;
  }

  async forget(name: string): Promise<void> {
    this.windowsLike(name).delete(name);
  }

  async raise(windows: readonly NamedWindow[]): Promise<void> {
    for (const { name, hits, endsAt } of windows) {
      if (endsAt <= this.now()) continue;
      const window = this.open(name) ?? this.store(name, { hits, endsAt });
      window.hits = Math.max(window.hits, hits);
      window.endsAt = Math.max(window.endsAt, endsAt);
    }
  }

  /** Remembers what was counted elsewhere, where it is known best. */
  note(name: string, { hits, endsAt }: CountedWindow): void {
    const known = this.open(name);
    if (known?.endsAt === endsAt) known.hits = Math.max(known.hits, hits);
    else this.store(name, { hits, endsAt });
  }

  /** Everything that is being counted right now. */
  openWindows(): NamedWindow[] {
    const all = [...this.kinds.values()].flatMap((windows) => [...windows]);
    return all.filter(([, { endsAt }]) => endsAt > this.now()).map(([name, window]) => ({ name, ...window }));
  }

  private now(): number {
    return this.clock.now().getTime();
  }

  private open(name: string): CountedWindow | undefined {
    const window = this.windowsLike(name).get(name);
    return window && window.endsAt > this.now() ? window : undefined;
  }

  private store(name: string, window: CountedWindow): CountedWindow {
    const windows = this.windowsLike(name);
    windows.delete(name);
    if (windows.size >= MOST_WINDOWS) makeRoom(windows, this.now());
    windows.set(name, window);
    return window;
  }

  private windowsLike(name: string): Map<string, CountedWindow> {
    const kind = name.slice(0, name.indexOf(':') + 1);
    const known = this.kinds.get(kind);
    if (known) return known;
    const windows = new Map<string, CountedWindow>();
    this.kinds.set(kind, windows);
    return windows;
  }
}

function makeRoom(windows: Map<string, CountedWindow>, now: number): void {
  for (const [name, window] of windows) if (window.endsAt <= now) windows.delete(name);
  for (const name of windows.keys()) {
    if (windows.size <= KEPT_WHEN_FULL) break;
    windows.delete(name);
  }
}
