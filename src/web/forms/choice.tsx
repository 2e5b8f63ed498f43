interface ChoiceProps {
  name: string;
  label: string;
  value: string;
  /** What is sent, and the words for it. */
  options: readonly (readonly [value: string, words: string])[];
}

/** One of a few. */
export function Choice({ name, label, value, options }: ChoiceProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {options.map(([sent, words]) => (
          <option key={sent} value={sent} selected={sent === value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
