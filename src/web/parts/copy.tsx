import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';

/** Puts the text of another element into the clipboard; hidden where no script could do that. */
export function CopyButton({ source, children }: { source: string; children: ComponentChildren }) {
  return (
    <button type="button" class="secondary small needs-script" data-copy={source}>
      <Icon name="copy" />
      <span class="copy-label">{children}</span>
    </button>
  );
}

interface SnippetProps {
  id: string;
  title: string;
  text: string;
}

/** Some lines to take along, with a button that copies them. */
export function Snippet({ id, title, text }: SnippetProps) {
  return (
    <div class="snippet-box">
      <div class="snippet-head">
        <h3>{title}</h3>
        <CopyButton source={id}>Copy</CopyButton>
      </div>
      <pre class="snippet" tabIndex={0} aria-label={title}>
        <code id={id}>{text}</code>
      </pre>
    </div>
  );
}
