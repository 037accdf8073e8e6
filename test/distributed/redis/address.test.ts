import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseRedisAddress, redact } from '../../../src/distributed/redis/address.ts';

describe('the address of a Redis', () => {
  it.each([
    ['redis://host', { host: 'host', port: 6379, db: 0, tls: false, username: undefined, password: undefined }],
    ['redis://host:7000/3', { port: 7000, db: 3, shown: 'redis://host:7000/3' }],
    ['rediss://me:a%40b%25@host:6380', { tls: true, username: 'me', password: 'a@b%', shown: 'rediss://host:6380' }],
    ['redis://:secret@[::1]:7', { host: '::1', port: 7, password: 'secret', username: undefined }],
  ])('%s', (text, expected) => {
    expect(parseRedisAddress(text)).toMatchObject(expected);
  });

  it('and the password come from the environment where the command line does not say them', () => {
    const env = { ETUDE_REDIS_URL: 'redis://there', ETUDE_REDIS_PASSWORD: 'secret' };
    expect(parseRedisAddress(undefined, env)).toMatchObject({ host: 'there', password: 'secret' });
    expect(parseRedisAddress('redis://:mine@here', env)).toMatchObject({ host: 'here', password: 'mine' });
  });

  it.each([
    undefined,
    'host:6379',
    'http://:secret@host',
    'redis://:secret@',
    'redis://:secret@host/db',
    'redis://:secret@host/0?tls=true',
    'redis://:secret%@host',
    'redis://:secret@host:99999',
  ])('%s is refused, and not repeated', (text) => {
    expect(() => parseRedisAddress(text)).toThrow(UsageError);
    expect(() => parseRedisAddress(text)).not.toThrow(/secret/);
  });

  it('is shown without user and password', () => {
    const address = parseRedisAddress('redis://me:p%2Fss@host');
    expect(address.shown).toBe('redis://host:6379');
    expect(redact('AUTH me p/ss failed at redis://me:p%2Fss@host', address)).toBe(
      'AUTH me *** failed at redis://***@host',
    );
  });
});
