import type { ComponentChildren } from 'preact';
import { Form } from '../forms/form.js';
import { Icon, type IconName } from './icon.js';

interface ConfirmProps {
  /** Unlike that of any other on the page. */
  id: string;
  /** The word on the button that asks, and on the one that does it. */
  verb: string;
  /** What it is done to; readers hear it with the button. */
  subject: string;
  isSubjectShown?: boolean;
  icon: IconName;
  action: string;
  /** What will happen. */
  children: ComponentChildren;
}

/** A button that asks before it does something that cannot be undone. The browser itself opens and closes the question. */
export function Confirm({ id, verb, subject, isSubjectShown, icon, action, children }: ConfirmProps) {
  return (
    <>
      <button type="button" class="secondary small" popovertarget={id}>
        <Icon name={icon} />
        <span>
          {verb}
          <span class={isSubjectShown ? undefined : 'sr-only'}> {subject}</span>
        </span>
      </button>
      <div id={id} popover="auto" class="question card" role="dialog" aria-labelledby={`${id}-title`}>
        <h2 id={`${id}-title`}>
          {verb} {subject}?
        </h2>
        {children}
        <Form
          action={action}
          submit={verb}
          buttonClass="danger"
          aside={
            <button type="button" class="secondary" popovertarget={id} popovertargetaction="hide">
              Cancel
            </button>
          }
        />
      </div>
    </>
  );
}
