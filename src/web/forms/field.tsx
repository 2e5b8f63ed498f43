import type { ComponentChildren } from 'preact';
import type { Problems } from './problems.js';

/** Attributes of the input itself, as they are written in HTML; those of htmx may stand there too. */
interface InputProps {
  type?: 'text' | 'email' | 'password' | 'date' | 'number' | 'datetime-local' | 'url' | 'search';
  value?: string;
  required?: boolean;
  autofocus?: boolean;
  autocomplete?: string;
  placeholder?: string;
  spellcheck?: boolean;
  minLength?: number;
  maxLength?: number;
  min?: string | number;
  max?: string | number;
  step?: string | number;
  class?: string;
  form?: string;
}

interface FieldProps extends InputProps {
  name: string;
  label: ComponentChildren;
  hint?: ComponentChildren;
  problems?: Problems | null;
  /** Makes the id differ where a page has several forms with the same field. */
  scope?: string;
  /** What stands below the field, such as a meter. */
  children?: ComponentChildren;
}

/** A labelled field with its hint, and with what is wrong with it beneath; the first wrong one gets the focus. */
export function Field({ name, label, hint, problems, scope = '', children, autofocus, ...rest }: FieldProps) {
  const id = `${scope}${scope && '-'}${name}`;
  const problem = problems?.fields[name];
  const described = [hint !== undefined && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  // As a union of all kinds of inputs, the types of JSX would want to know which kind this one is.
  const input: object = rest;
  const hasFocus = problems?.first ? problems.first === name : autofocus;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        aria-describedby={described || undefined}
        aria-invalid={problem ? 'true' : undefined}
        autofocus={hasFocus || undefined}
        {...input}
      />
      {problem && (
        <p class="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children}
    </div>
  );
}
