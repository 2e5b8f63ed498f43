import { DomainError } from '../../shared/errors.js';

/** A page is for people who are logged in. Answered by the log-in page, which leads back. */
export class LogInFirst extends DomainError {
  readonly refusal = 'unauthorized';
  readonly code = 'unauthorized';

  constructor() {
    super('Log in first.');
  }
}

/** A page is for admins; who is none learns no more, logged in or not. */
export class ForAdmins extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'forbidden';

  constructor() {
    super('Only admins may open this. Log in as one, or ask the operator to make you one.');
  }
}

/** Another site made a browser send this. */
export class ForeignForm extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'foreign_form';

  constructor() {
    super('This form came from another site, so nothing was changed. Open the page here and try again.');
  }
}

/** A form of ours, but of another session, or too old. */
export class OldForm extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'old_form';

  constructor() {
    super('This form is too old, so nothing was changed. Load the page again and repeat what you did.');
  }
}
