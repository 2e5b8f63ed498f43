import type { ComponentChildren } from 'preact';

/** The card in the middle of the pages before the log-in. */
export function Gate({ title, lead, children }: { title: string; lead: string; children: ComponentChildren }) {
  return (
    <section class="gate card">
      <h1>{title}</h1>
      <p class="lead">{lead}</p>
      {children}
    </section>
  );
}
