// What the pages do besides htmx: local times, the focus after a change, copying, the menu.
(() => {
  const localTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

  /** Adds the local time to the tooltip of every instant, which itself is in UTC. */
  const tellLocalTimes = (root) => {
    for (const time of root.querySelectorAll('time[datetime]:not([data-local])')) {
      time.dataset.local = 'told';
      time.title = `${time.title} · ${localTime.format(new Date(time.dateTime))} local time`.replace(/^ · /, '');
    }
  };

  /** Whoever sent a form should be where its outcome is told: htmx itself sees to fields that are wrong. */
  const moveFocus = () => {
    const { activeElement } = document;
    // The field that was sent by Enter may be there again, and would keep the focus.
    const outcome = document.querySelector('#main [data-once], #main .notice');
    if (!outcome && activeElement && activeElement !== document.body) return;
    const place = outcome ?? document.querySelector('#main .alert') ?? document.querySelector('#main');
    if (place.tabIndex < 0) place.tabIndex = -1;
    place.focus({ preventScroll: place.id === 'main' });
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    const label = button.querySelector('.copy-label') ?? button;
    const before = label.textContent;
    label.textContent = 'Copied';
    setTimeout(() => (label.textContent = before), 2000);
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) void copy(button);
    const menu = document.querySelector('.menu[open]');
    if (menu && !menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener('keydown', (event) => {
    const menu = event.key === 'Escape' && document.querySelector('.menu[open]');
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });

  document.addEventListener('htmx:after:swap', ({ detail }) => {
    tellLocalTimes(document);
    // What goes on by itself, such as a log, takes the focus from nobody.
    if (detail.ctx.target.id === 'main') moveFocus();
  });
  document.addEventListener('htmx:error', () => {
    const place = document.querySelector('.notice-place');
    if (!place) return;
    const line = document.createElement('p');
    line.className = 'alert';
    line.textContent = 'The service could not be reached. Check your connection and try again.';
    place.replaceChildren(line);
  });

  // A browser may keep a page that was left, to show it again on the way back: not with a secret on it.
  addEventListener('pagehide', () => document.querySelectorAll('[data-once]').forEach((secret) => secret.remove()));

  tellLocalTimes(document);
})();
