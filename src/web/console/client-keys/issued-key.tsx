import { useScene } from '../../layout/scene.js';
import { Snippet } from '../../parts/copy.js';
import { Once } from '../../parts/once.js';
import type { NewSecret } from '../../session/once-shown.js';
import { curlSnippet, pythonSnippet, typeScriptSnippet } from './snippets.js';

interface IssuedKeyProps {
  secret: NewSecret;
  /** The models that the key may ask for; null is any. */
  models: string[] | null;
  /** Who runs the upstream that it uses first. */
  provider?: string;
}

/** What works at each provider, so that a snippet can be tried as it stands. */
const MODELS: Readonly<Record<string, string>> = { openai: 'gpt-4.1-mini', anthropic: 'claude-sonnet-4-5' };
const USUAL_MODEL = 'openai/gpt-4.1-mini';

/** A new client key, this one time, with code that works as it stands. */
export function IssuedKey({ secret: { text }, models, provider = '' }: IssuedKeyProps) {
  const { gatewayUrl } = useScene();
  const model = models?.find((pattern) => !pattern.includes('*')) ?? MODELS[provider] ?? USUAL_MODEL;
  const call = { baseUrl: gatewayUrl, key: text, model };
  return (
    <Once title="The new client key" secret={text}>
      <Snippet id="curl" title="curl" text={curlSnippet(call)} />
      <Snippet id="typescript" title="TypeScript, with the package openai" text={typeScriptSnippet(call)} />
      <Snippet id="python" title="Python, with the package openai" text={pythonSnippet(call)} />
    </Once>
  );
}
