import type { ComponentChildren } from 'preact';
import { CopyButton } from './copy.js';
import { Icon } from './icon.js';

interface OnceProps {
  /** What it is, as a heading says it. */
  title: string;
  secret: string;
  /** What can be done with it. */
  children: ComponentChildren;
}

/** A secret that is shown this one time; a script takes it away when the page is left, whatever a browser would keep. */
export function Once({ title, secret, children }: OnceProps) {
  return (
    <section class="card once" data-once aria-labelledby="once-title">
      <h2 id="once-title">{title}</h2>
      <p class="callout warn">
        <Icon name="alert-triangle" />
        <span>Copy it now: it is shown this one time, and nobody can read it afterwards.</span>
      </p>
      <div class="secret-line">
        <code id="secret" class="secret">
          {secret}
        </code>
        <CopyButton source="secret">Copy</CopyButton>
      </div>
      {children}
    </section>
  );
}
