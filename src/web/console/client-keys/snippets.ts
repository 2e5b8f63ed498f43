/** What a snippet calls. */
export interface SampleCall {
  /** `https://monitor.example.com/proxy/v1` */
  baseUrl: string;
  key: string;
  model: string;
}

const QUESTION = 'Say hello.';

/** For a shell. */
export function curlSnippet({ baseUrl, key, model }: SampleCall): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: QUESTION }] });
  return `curl ${baseUrl}/chat/completions \\
  -H 'Authorization: Bearer ${key}' \\
  -H 'Content-Type: application/json' \\
  -d '${body.replaceAll("'", String.raw`'\''`)}'`;
}

export function typeScriptSnippet({ baseUrl, key, model }: SampleCall): string {
  return `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${baseUrl}',
  apiKey: '${key}',
});
const answer = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: 'user', content: '${QUESTION}' }],
});
console.log(answer.choices[0]?.message.content);`;
}

export function pythonSnippet({ baseUrl, key, model }: SampleCall): string {
  return `from openai import OpenAI

client = OpenAI(
    base_url="${baseUrl}",
    api_key="${key}",
)
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "${QUESTION}"}],
)
print(answer.choices[0].message.content)`;
}
