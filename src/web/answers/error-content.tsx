import { useScene } from '../layout/scene.js';
import { Icon, type IconName } from '../parts/icon.js';
import { logInAddress } from '../session/next-address.js';

interface Case {
  title: string;
  icon: IconName;
  /** What this means, where the detail alone does not say it. */
  meaning: string;
}

const CASES: Record<number, Case> = {
  403: { title: 'Not for you', icon: 'lock', meaning: 'Your account may not open this.' },
  404: { title: 'Nothing here', icon: 'search', meaning: 'The address is mistyped, or what was here is gone.' },
  405: {
    title: 'Not that way',
    icon: 'search',
    meaning: 'There is something here, but it cannot be asked for like that.',
  },
  429: { title: 'Too fast', icon: 'hourglass', meaning: 'Nothing is wrong; there were just too many tries in a row.' },
  500: { title: 'Our mistake', icon: 'alert-triangle', meaning: 'Something broke here, and it has been written down.' },
  503: { title: 'Back in a moment', icon: 'hourglass', meaning: 'Something that this service needs is away.' },
};

const OTHER: Case = { title: 'That did not work', icon: 'alert-triangle', meaning: 'The request was turned down.' };

export function titleOf(status: number): string {
  return (CASES[status] ?? OTHER).title;
}

/** The page for what cannot be shown or done, with a way on. */
export function ErrorContent({ status, detail, requestId }: { status: number; detail: string; requestId: string }) {
  const { principal, path } = useScene();
  const { icon, title, meaning } = CASES[status] ?? OTHER;
  return (
    <section class="lost card">
      <Icon name={icon} class="lost-icon" />
      <p class="lost-status">{status}</p>
      <h1>{title}</h1>
      <p>{[404, 405, 500].includes(status) ? meaning : `${meaning} ${detail}`}</p>
      {status >= 500 && (
        <p class="muted">
          For the operator: request <code>{requestId}</code>
        </p>
      )}
      <p class="actions centred">
        {principal || status !== 403 ? (
          <a role="button" href="/">
            Go to the start
          </a>
        ) : (
          <a role="button" href={logInAddress(path)}>
            Log in
          </a>
        )}
      </p>
    </section>
  );
}
