import type { Problems } from './problems.js';

interface AreaProps {
  name: string;
  label: string;
  hint?: string;
  rows: number;
  value: string;
  problems?: Problems | null;
}

/** A labelled field for several lines, with what is wrong with it beneath. */
export function Area({ name, label, hint, rows, value, problems }: AreaProps) {
  const problem = problems?.fields[name];
  const described = [hint !== undefined && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <textarea
        id={name}
        name={name}
        rows={rows}
        spellcheck={false}
        aria-describedby={described || undefined}
        aria-invalid={problem ? 'true' : undefined}
        autofocus={problems?.first === name || undefined}
      >
        {value}
      </textarea>
      {problem && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
