import type { ComponentChildren } from 'preact';

interface TickProps {
  name: string;
  /** What is sent when it is ticked. */
  value?: string;
  isTicked: boolean;
  hint?: ComponentChildren;
  children: ComponentChildren;
}

/** A box that is ticked or not, with its label beside it. */
export function Tick({ name, value = 'true', isTicked, hint, children }: TickProps) {
  const id = `${name}-${value}`;
  return (
    <div class="field tick">
      <input
        id={id}
        type="checkbox"
        name={name}
        value={value}
        checked={isTicked}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      />
      <label for={id}>{children}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
