import type { News } from './news.js';

/** Tells users what happened to their keys, each occasion once. Call it inside a unit of work. */
export abstract class Notifier {
  abstract tell(news: News): Promise<void>;
}
