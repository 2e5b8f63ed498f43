import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { AddressRefused, AddressRules } from './address-rules.js';

const strict = new AddressRules([]);

describe('the base URL of an upstream', () => {
  it.each([
    ['https://openrouter.ai/api/v1'],
    ['http://api.example.com:8080'],
    ['https://8.8.8.8/v1'],
    ['https://[2606:4700::1111]/v1'],
    ['https://[::ffff:8.8.8.8]/v1'],
  ])('may be %s', (baseUrl) => {
    expect(strict.parse(baseUrl).protocol).toMatch(/^https?:$/);
  });

  it.each([
    'ftp://example.com',
    'file:///etc/passwd',
    'example.com/v1',
    'javascript:alert(1)',
    'http://',
    'https://user:secret@example.com',
    'https://user@example.com',
    'https://example.com/#part',
    'https://example.com/?a=b',
    ' https://example.com',
    'https://exa\nmple.com',
    'https:\\\\example.com',
  ])('may not be %j', (baseUrl) => {
    expect(() => strict.parse(baseUrl)).toThrow(AddressRefused);
  });

  it.each([
    'localhost',
    'LOCALHOST.',
    'api.localhost',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '①②⑦.⓪.⓪.①',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    'metadata.google.internal',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a00:1]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::808:808]',
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[2001:0:1::1]',
    '[2001:db8::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[fd00:ec2::254]',
    '[fc00::1]',
    '[ff02::1]',
    '[4000::1]',
    '[::7f00:1]',
  ])('may not lead to %s', (host) => {
    expect(() => strict.parse(`http://${host}/v1`)).toThrow(AddressRefused);
  });

  it('may lead to the private ranges that the operator allows, and to no others', () => {
    const rules = new AddressRules(['10.1.0.0/16', '127.0.0.1', 'fd12::/16', '64:ff9b::/96']);
    for (const host of ['10.1.2.3', '127.0.0.1', 'localhost', '[::ffff:10.1.2.3]', '[fd12::1]', '[64:ff9b::808:808]']) {
      expect(rules.parse(`http://${host}`).hostname).not.toBe('');
    }
    for (const host of ['10.2.0.1', '127.0.0.2', '[fd13::1]', '[::1]']) {
      expect(() => rules.parse(`http://${host}`)).toThrow(AddressRefused);
    }
  });

  it('never leads to where a cloud hands out credentials, whatever is allowed', () => {
    const rules = new AddressRules(['0.0.0.0/0', '::/0']);
    expect(rules.allows('10.0.0.1')).toBe(true);
    for (const host of [
      '169.254.169.254',
      '[::ffff:169.254.169.254]',
      '[64:ff9b::a9fe:a9fe]',
      '[fd00:ec2:0::254]',
      '100.100.100.200',
      'metadata.google.internal.',
    ]) {
      expect(() => rules.parse(`http://${host}`)).toThrow(AddressRefused);
    }
  });
});

describe('connecting to a name', () => {
  const resolvingTo = (...addresses: string[]) =>
    new AddressRules(['10.0.0.0/8'], (_host, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  const connect = (rules: AddressRules, all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) =>
      rules.lookup('upstream.test', { all }, (error, found) => (error ? reject(error) : resolve(found))),
    );

  it('goes where all of its addresses are allowed', async () => {
    await expect(connect(resolvingTo('10.0.0.1', '8.8.8.8'), true)).resolves.toHaveLength(2);
    await expect(connect(resolvingTo('8.8.8.8', '10.0.0.1'), false)).resolves.toBe('8.8.8.8');
  });

  it('fails where one of its addresses is not', async () => {
    await expect(connect(resolvingTo('8.8.8.8', '127.0.0.1'), true)).rejects.toThrow(AddressRefused);
    await expect(connect(resolvingTo('8.8.8.8', '::1'), false)).rejects.toThrow(AddressRefused);
    await expect(connect(resolvingTo(), true)).rejects.toThrow(AddressRefused);
  });

  it('fails where the name is not known', async () => {
    const rules = new AddressRules([], (_host, _options, done) => done(new Error('no such name'), []));
    await expect(connect(rules, true)).rejects.toThrow('no such name');
  });
});
