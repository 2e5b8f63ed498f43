import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** Holds live answers against the OpenAPI document, and remembers which operations have answered with what. */
export class Conformance {
  /** `GET /api/keys/{id} 200` */
  readonly seen = new Set<string>();
  private readonly ajv: Ajv;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(private readonly document: ApiDocument) {
    this.ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(this.ajv);
    // OpenAPI's own word for a number that need not be whole.
    this.ajv.addFormat('decimal', true);
    this.ajv.addSchema(closed(document) as object, 'api');
  }

  /** What is wrong with an answer: nothing, or sentences. */
  check(method: string, path: string, status: number, contentType: string, body: unknown): string[] {
    const template = this.templateOf(path, method);
    if (!template) return [`${method} ${path} is not documented.`];
    const name = `${method} ${template}`;
    this.seen.add(`${name} ${status}`);
    const answer = this.document.paths[template]![method.toLowerCase()]!.responses[status];
    if (!answer) return [`${name} answered ${status}, which is not documented.`];
    const types = Object.keys(answer.content ?? {});
    const type = contentType.split(';')[0]!;
    if (types.length === 0) return body === '' ? [] : [`${name} ${status} has a body that is not documented.`];
    if (!types.includes(type)) return [`${name} ${status} is ${type}, documented is ${types.join(', ')}.`];
    return type.endsWith('json') ? this.validate(template, method, status, type, body) : [];
  }

  /** Operations that have never answered well. */
  untried(): string[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .map((method) => `${method.toUpperCase()} ${path}`)
        .filter((name) => ![...this.seen].some((seen) => seen.startsWith(`${name} 2`))),
    );
  }

  private validate(template: string, method: string, status: number, type: string, body: unknown): string[] {
    const place = ['paths', template, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema'];
    const ref = `api#/${place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const validate = this.compiled.get(ref) ?? this.ajv.compile({ $ref: ref });
    this.compiled.set(ref, validate);
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${method} ${template} ${status}: ${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  /** The documented path that an address is an instance of; one without parameters wins. */
  private templateOf(path: string, method: string): string | undefined {
    const fits = (template: string) =>
      method.toLowerCase() in this.document.paths[template]! &&
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
    return Object.keys(this.document.paths)
      .filter(fits)
      .toSorted((one, other) => one.split('{').length - other.split('{').length)[0];
  }
}

/** The document with every object closed to fields that it does not name. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closed(value)]));
  // OpenAPI 3.0 has no better way to say "this object, or null" than `nullable` beside a reference.
  if (copy.nullable === true && 'allOf' in copy) return { anyOf: [{ allOf: copy.allOf }, { type: 'null' }] };
  const isPlainObject = copy.type === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return isPlainObject ? { ...copy, additionalProperties: false } : copy;
}
