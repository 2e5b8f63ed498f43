import { Icon, type IconName } from '../parts/icon.js';
import { Form } from './form.js';

interface ActionButtonProps {
  action: string;
  icon: IconName;
  /** The word on the button. */
  verb: string;
  /** What it is done to; readers hear it with the button. */
  subject: string;
}

/** One button that does one thing at once, because it can be undone. */
export function ActionButton({ action, icon, verb, subject }: ActionButtonProps) {
  return (
    <Form
      action={action}
      label={`${verb} ${subject}`}
      buttonClass="secondary small"
      submit={
        <>
          <Icon name={icon} />
          <span>
            {verb}
            <span class="sr-only"> {subject}</span>
          </span>
        </>
      }
    />
  );
}
