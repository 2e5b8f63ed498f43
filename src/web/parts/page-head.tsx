import type { ComponentChildren } from 'preact';

interface PageHeadProps {
  title: string;
  /** One sentence beneath the title. */
  lead?: ComponentChildren;
  /** What can be done on this page, beside the title. */
  children?: ComponentChildren;
}

/** The top of every page: its title, what it is about, what can be done. */
export function PageHead({ title, lead, children }: PageHeadProps) {
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        {lead && <p class="lead">{lead}</p>}
      </div>
      {children && <div class="page-actions">{children}</div>}
    </div>
  );
}
