import type { Problems } from './problems.js';

interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  /** What is sent, and the words for it. */
  options: readonly (readonly [value: string, words: string])[];
  problems?: Problems | null;
}

/** One of a few. */
export function Choice({ name, label, value, options, problems }: ChoiceProps) {
  const problem = problems?.fields[name];
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select
        id={name}
        name={name}
        aria-describedby={problem && `${name}-problem`}
        aria-invalid={problem ? 'true' : undefined}
        autofocus={problems?.first === name || undefined}
      >
        {options.map(([sent, words]) => (
          <option key={sent} value={sent} selected={sent === value}>
            {words}
          </option>
        ))}
      </select>
      {problem && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
