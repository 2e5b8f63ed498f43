import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Principal } from '../../shared/principal.js';
import type { Notice } from '../answers/notices.js';
import type { Theme } from './theme.js';

/** What every part of a page may need to know of the request it is drawn for. */
export interface Scene {
  principal?: Principal;
  /** The address of the page with its query. */
  path: string;
  now: Date;
  /** Where people and programs reach this service; no slash at its end. */
  publicUrl: string;
  /** Where clients reach models: `https://monitor.example.com/proxy/v1`. */
  gatewayUrl: string;
  theme: Theme;
  /** Stands in every form. */
  formToken: string;
  notice?: Notice;
  /** How many notifications are unread. */
  unread: number;
  /** Only the middle of the page is wanted: htmx puts it into the page that is there already. */
  isPartial: boolean;
}

export const SceneContext = createContext<Scene | null>(null);

export function useScene(): Scene {
  const scene = useContext(SceneContext);
  if (!scene) throw new Error('A part of a page was drawn outside of a page.');
  return scene;
}
