import { MethodNotAllowedException, NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that some route has at this address; none where there is nothing at all. */
    methodsAt(url: string): string[];
  }
}

/** Notes every route, so that a wrong method can be told from a wrong address. To be called before there are any. */
export function knowAllowedMethods(server: FastifyInstance): void {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  server.addHook('onRoute', ({ url, method }) => {
    // What takes every method is there for addresses that do not exist.
    if ([method].flat().includes('PATCH') && [method].flat().includes('GET')) return;
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  server.decorate('methodsAt', (url: string) => {
    const path = url.replace(/\?.*$/s, '');
    const here = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(here.flatMap(({ methods }) => [...methods]))].toSorted();
  });
}

/** Answers an OPTIONS with what may be done at the address. It opens nothing: other origins are not told that they may. */
export function answerOptions(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404 && tellMethods(request, reply)) return reply.send();
  });
}

/** Turns the answer to an OPTIONS into what may be done at its address; false where nothing may, or something else is asked. */
export function tellMethods(request: FastifyRequest, reply: FastifyReply): boolean {
  const allowed = request.method === 'OPTIONS' ? allowedAt(request) : '';
  if (allowed) reply.status(204).header('Allow', allowed);
  return allowed !== '';
}

/** What no route answers is a 405, with the methods that are answered, where only the method is wrong. */
export function refusedMethod(thrown: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const isUnanswered = request.is404 || thrown instanceof NotFoundException;
  const allowed = isUnanswered ? allowedAt(request) : '';
  if (!allowed) return thrown;
  reply.header('Allow', allowed);
  return new MethodNotAllowedException();
}

/** Empty where there is nothing, or nothing that the method is to blame for: a file that is missing among others. */
function allowedAt({ server, method, url }: FastifyRequest): string {
  const methods = server.methodsAt(url);
  return methods.length > 0 && !methods.includes(method) ? [...methods, 'OPTIONS'].join(', ') : '';
}

/** `/api/keys/:id` has one segment for the id, `/assets/*` anything. */
function patternOf(url: string): RegExp {
  const parts = url.split(/(:\w+|\*)/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replaceAll('.', String.raw`\.`);
  });
  return new RegExp(`^${parts.join('')}$`);
}
