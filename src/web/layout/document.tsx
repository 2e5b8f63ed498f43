import type { ViewOptions } from '../answers/view.js';
import { NOTICES } from '../answers/notices.js';
import { type AssetName, assetPath } from '../delivery/assets.js';
import { Icon } from '../parts/icon.js';
import { Bell } from './bell.js';
import { Frame } from './frame.js';
import { useScene } from './scene.js';

/** htmx does no more than it must: nothing of other sites, no styles of its own, no extensions, no copies of pages. */
const HTMX = JSON.stringify({
  mode: 'same-origin',
  includeIndicatorCSS: false,
  history: 'reload',
  extensions: 'none',
  defaultSettleDelay: 0,
});

const SCRIPTS: readonly AssetName[] = ['htmx.js', 'house.js'];

/** The whole document, or only its middle where htmx has the rest already. */
export function Document({ view }: { view: ViewOptions }) {
  const { theme, isPartial } = useScene();
  const title = `${view.title} · OpenRouter Monitor`;
  if (isPartial) return <Excerpt title={title} view={view} />;
  return (
    <html lang="en" data-theme={theme === 'system' ? undefined : theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === 'system' ? 'light dark' : theme} />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content={HTMX} />
        <title>{title}</title>
        <link rel="stylesheet" href={assetPath('house.css')} />
        <link rel="icon" href={assetPath('favicon.svg')} type="image/svg+xml" />
        {[...SCRIPTS, ...(view.scripts ?? [])].map((name) => (
          <script key={name} src={assetPath(name)} defer />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Frame section={view.section}>
          <Main view={view} />
        </Frame>
      </body>
    </html>
  );
}

function Excerpt({ title, view }: { title: string; view: ViewOptions }) {
  const { principal } = useScene();
  return (
    <html>
      <head>
        <title>{title}</title>
      </head>
      <body>
        {principal && view.section && <Bell isUpdate isCurrent={view.section === 'notifications'} />}
        <Main view={view} />
      </body>
    </html>
  );
}

function Main({ view }: { view: ViewOptions }) {
  const { notice } = useScene();
  return (
    <main id="main" tabIndex={-1}>
      <div class="notice-place" role="status">
        {notice && (
          <p class="notice" tabIndex={-1}>
            <Icon name="circle-check" />
            {NOTICES[notice]}
          </p>
        )}
      </div>
      {view.content}
    </main>
  );
}
