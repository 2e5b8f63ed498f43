import type { VNode } from 'preact';
import type { AssetName } from '../delivery/assets.js';
import type { Notice } from './notices.js';

/** The places that the navigation leads to. */
export type Section = 'dashboard' | 'keys' | 'stats' | 'tokens' | 'notifications' | 'profile' | 'admin';

/** What a page's route answers with; the layout, the session and the theme are put around it. */
export interface ViewOptions {
  /** Stands in the browser's tab and above the page. */
  title: string;
  /** Where it is in the navigation. Without one the page stands alone, as the log-in page does. */
  section?: Section;
  content: VNode;
  status?: number;
  /** Seconds after which the same request may succeed. */
  retryAfter?: number;
  /** Scripts besides those that every page has. */
  scripts?: readonly AssetName[];
}

/** A page, before it is drawn. */
export class View {
  constructor(readonly options: ViewOptions) {}
}

/** What was asked for is done; the browser goes on to another page, so that loading that again does nothing twice. */
export class SeeOther {
  constructor(
    readonly path: string,
    /** What the next page tells above everything else. */
    readonly notice?: Notice,
  ) {}
}
