/** A stretch of time and what was counted in it. */
export interface CountedWindow {
  hits: number;
  /** Milliseconds since 1970. */
  endsAt: number;
}

export interface NamedWindow extends CountedWindow {
  name: string;
}

/** Where hits are counted, for one process or for all instances together. Of any number of hits at once, none is lost. */
export abstract class WindowCounters {
  /** Counts one hit and returns the window with it; opens one of that length if none is open. */
  abstract hit(name: string, windowSeconds: number): Promise<CountedWindow>;

  /** The open window of that name. */
  abstract find(name: string): Promise<CountedWindow | null>;

  /** Counts one hit less in the window that ends then; nothing if it is not the one that is open. */
  abstract takeBack(name: string, endsAt: number): Promise<void>;

  /** Closes the window of this name. */
  abstract forget(name: string): Promise<void>;

  /** Takes over what was counted elsewhere: from now on none of these windows has fewer hits, or ends earlier. */
  abstract raise(windows: readonly NamedWindow[]): Promise<void>;
}
