import type { IssuedClientKey } from '../../../gateway/client-keys/client-key.entity.js';
import { useScene } from '../../layout/scene.js';

/** Whether a client key opens anything. */
export function KeyState({ issued }: { issued: IssuedClientKey }) {
  const { now } = useScene();
  if (issued.revokedAt) return <span class="badge">Revoked</span>;
  if (!issued.isActive(now)) return <span class="badge warn">Expired</span>;
  return <span class="badge good">Works</span>;
}
