import type { Call } from './world.ts';

/** A tool that the model wants to be called, its arguments as JSON text. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
  /** The arguments in the parts of a stream. */
  parts: string[];
}

interface Said {
  role?: string;
  type?: string;
  content?: unknown;
}

/** Null where the request does not offer the tool, or has its result already. */
export function toolCallFor({ body, world }: Call): ToolCall | null {
  const { tool } = world.behaviour.completion;
  if (!tool || !namesOf(body.tools).includes(tool.name) || isAnswered(body)) return null;
  const text = JSON.stringify(tool.arguments);
  const half = Math.ceil(text.length / 2);
  return { id: 'call_1', name: tool.name, arguments: text, parts: [text.slice(0, half), text.slice(half)] };
}

function namesOf(tools: unknown): string[] {
  const offered = Array.isArray(tools) ? (tools as { name?: string; function?: { name: string } }[]) : [];
  return offered.map((tool) => tool.function?.name ?? tool.name ?? '');
}

/** A result is a message of its own in `/chat/completions`, an item in `/responses` and a part of one in `/messages`. */
function isAnswered(body: Record<string, unknown>): boolean {
  const said = body.messages ?? body.input;
  const last = Array.isArray(said) ? (said as Said[]).at(-1) : undefined;
  if (last?.role === 'tool' || last?.type === 'function_call_output') return true;
  return Array.isArray(last?.content) && (last.content as Said[]).some(({ type }) => type === 'tool_result');
}

export function chatToolCalls({ id, name, arguments: text }: ToolCall) {
  return [{ index: 0, id, type: 'function', function: { name, arguments: text } }];
}

/** The deltas of a chat's stream: who is called, and with what, bit by bit. */
export function* chatToolDeltas({ id, name, parts }: ToolCall) {
  yield { tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }] };
  for (const part of parts) yield { tool_calls: [{ index: 0, type: 'function', function: { arguments: part } }] };
}

export function responseToolItem({ id, name, arguments: text }: ToolCall, status = 'completed') {
  return { type: 'function_call', id: 'fc_1', call_id: id, name, arguments: text, status };
}

export function* responseToolEvents(toolCall: ToolCall) {
  const at = { item_id: 'fc_1', output_index: 0 };
  const open = responseToolItem({ ...toolCall, arguments: '' }, 'in_progress');
  yield { type: 'response.output_item.added', output_index: 0, item: open };
  for (const delta of toolCall.parts) yield { type: 'response.function_call_arguments.delta', ...at, delta };
  yield { type: 'response.function_call_arguments.done', ...at, arguments: toolCall.arguments };
  yield { type: 'response.output_item.done', output_index: 0, item: responseToolItem(toolCall) };
}

export function messageToolBlock({ id, name, arguments: text }: ToolCall) {
  return { type: 'tool_use', id, name, input: JSON.parse(text) as object };
}

export function* messageToolEvents({ id, name, parts }: ToolCall) {
  yield { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id, name, input: {} } };
  for (const partial_json of parts) {
    yield { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json } };
  }
  yield { type: 'content_block_stop', index: 0 };
}
