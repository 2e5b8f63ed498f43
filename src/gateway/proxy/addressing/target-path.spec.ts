import { describe, expect, it } from 'vitest';
import { ProxyRefusal } from '../refusals/proxy-refusal.js';
import { targetPath } from './target-path.js';

const at = (rest: string) => targetPath('/proxy', `/proxy/v1${rest}`);

function statusOf(target: string): number | undefined {
  try {
    targetPath('/proxy', target);
    return undefined;
  } catch (error) {
    return (error as ProxyRefusal).status;
  }
}

describe('the path of a request', () => {
  it.each([
    '/chat/completions',
    '/models/openai/gpt-4.1:free',
    '/models/openai%2Fgpt-4o',
    '/files/file-1/',
    '/models/caf%C3%A9',
    '/files/a%20b',
    '/files/100%2525',
    '/threads/..a/b..',
    '/files/...',
  ])('goes on as it was sent: %s', (path) => {
    expect(at(path)).toEqual({ path, query: '' });
  });

  it('goes on with the very bytes of its query string', () => {
    const query = '?q=%2e%2e/../x&a[]=1&b=\\|{}&c=é';
    expect(at(`/models${query}`)).toEqual({ path: '/models', query });
    expect(at('/models?').query).toBe('?');
  });

  it.each([
    '/..',
    '/../admin',
    '/a/../../b',
    '/a/./b',
    '/%2e%2e/admin',
    '/%2E%2e%2fadmin',
    '/..%2fadmin',
    '/..%5cadmin',
    '/a\\..\\b',
    '/%252e%252e/admin',
    '/%25252e%25252e/admin',
    '/%2525252e%2525252e/admin',
    '/%252525252525252e%252525252525252e/admin',
    '/%25%32%65%25%32%65/admin',
    '/%c0%ae%c0%ae/admin',
    '/%uff0e',
    '/..;/admin',
    '/%2e%2e;a=b/admin',
    '//evil.example/x',
    '/a//b',
    '/%2f%2fevil.example',
    '/',
    '/a%00b',
    '/a%0d%0ab',
    '/a%zz',
    '/café',
    '/a#b',
    '/a?b#c',
  ])('is refused where it could leave the base of the upstream: %s', (path) => {
    expect(statusOf(`/proxy/v1${path}`)).toBe(400);
  });

  it.each([
    '/proxy/v1',
    '/proxy/v1?x=1',
    '/proxy/v2/models',
    '/proxy/v1x/models',
    '/other/v1/models',
    'http://evil.example/proxy/v1/models',
    'evil.example:443',
    '*',
    '',
  ])('is unknown outside of the proxy: %s', (target) => {
    expect(statusOf(target)).toBe(404);
  });
});
