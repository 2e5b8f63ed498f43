import { Snippet } from '../parts/copy.js';
import { Once } from '../parts/once.js';
import { useScene } from '../layout/scene.js';
import type { NewSecret } from '../session/once-shown.js';

/** A new token, this one time, with a line that works as it stands. */
export function ShownToken({ secret: { text } }: { secret: NewSecret }) {
  const { publicUrl } = useScene();
  return (
    <Once title="Your new token" secret={text}>
      <Snippet id="curl" title="Try it" text={`curl -H 'Authorization: Bearer ${text}' ${publicUrl}/api/v1/stats`} />
    </Once>
  );
}
