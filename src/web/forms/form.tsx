import type { ComponentChildren } from 'preact';
import { Icon } from '../parts/icon.js';
import { useScene } from '../layout/scene.js';
import type { Problems } from './problems.js';

/** With a script, only the middle of the page is fetched and replaced, without one the whole page: nothing else differs. */
const MIDDLE = 'target:#main select:#main swap:"outerHTML show:none"';

/** Attributes of a link or a GET form that changes what the page shows: filters, pages of a list, sorting. */
export const LIVE = { 'hx-boost': MIDDLE } as const;

/** Attributes of a form that posts. */
export const LIVE_FORM = { 'hx-boost': MIDDLE, 'hx-replace-url': 'true', 'hx-disable': 'find [type=submit]' } as const;

interface FormProps {
  action: string;
  /** The word on the button. */
  submit: ComponentChildren;
  problems?: Problems | null;
  /** Names the form for readers where no heading does. */
  label?: string;
  class?: string;
  buttonClass?: string;
  /** What to do instead, beside the button. */
  aside?: ComponentChildren;
  /** Opens the next page as a whole, as after a log-in, when everything around the middle changes too. */
  isWholePage?: boolean;
  children?: ComponentChildren;
}

/** A form that posts, with its token, what is wrong with it, and a button that shows when it works. */
export function Form(props: FormProps) {
  const { action, submit, problems, label, children, aside, class: className = '', buttonClass } = props;
  return (
    <form
      method="post"
      action={action}
      aria-label={label}
      class={`form ${className}`.trim()}
      {...(props.isWholePage ? {} : LIVE_FORM)}
    >
      <FormTokenField />
      {problems?.general && <Alert>{problems.general}</Alert>}
      {children}
      <div class="actions">
        <button type="submit" class={buttonClass}>
          <span class="spinner" aria-hidden="true" />
          {submit}
        </button>
        {aside}
      </div>
    </form>
  );
}

/** The hidden word that shows whose form it is. */
export function FormTokenField() {
  const { formToken } = useScene();
  return <input type="hidden" name="form_token" value={formToken} />;
}

/** What went wrong, told at once to those who listen. */
export function Alert({ children }: { children: ComponentChildren }) {
  return (
    <p class="alert" role="alert">
      <Icon name="alert-triangle" />
      <span>{children}</span>
    </p>
  );
}
