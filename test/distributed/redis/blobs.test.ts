import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { BlobStore } from '../../../src/distributed/redis/blobs.ts';
import { sha256 } from '../../../src/sha256.ts';
import { connectRedis, type RedisLink } from '../../../src/distributed/redis/connect.ts';
import { noRedis, TestRedis } from '../../support/redis.ts';

describe.skipIf(noRedis)('bytes in Redis by their digest', () => {
  let redis: TestRedis;
  let link: RedisLink;
  beforeAll(async () => {
    redis = await TestRedis.start();
    link = await connectRedis(parseRedisAddress(redis.url));
  });
  afterAll(async () => {
    link.close();
    await redis.stop();
  });

  it.each([0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_500_000])('%i of them come back', async (length) => {
    const store = new BlobStore(link, `t${length}`);
    const bytes = new Uint8Array(randomBytes(length));
    const digest = await store.put(bytes);
    expect(digest).toBe(sha256(bytes));
    expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    await expect(store.get(digest, length - 1)).rejects.toThrow(/bytes: expected a whole number/);
  });

  it('are deflated where that pays', async () => {
    const store = new BlobStore(link, 'deflated');
    const digest = await store.put(new Uint8Array(3_000_000));
    expect(await link.client.hstrlen(`deflated:blob:${digest}`, '0')).toBeLessThan(5000);
    expect(Buffer.from((await store.get(digest))!).equals(Buffer.alloc(3_000_000))).toBe(true);
  });

  it('go when nobody keeps them, and soon when they have been let go', async () => {
    const store = new BlobStore(link, 'going');
    const digest = await store.put(randomBytes(10));
    const key = `going:blob:${digest}`;
    expect(await link.client.ttl(key)).toBeGreaterThan(6 * 86_400);
    await store.letGo([digest]);
    expect(await link.client.ttl(key)).toBeLessThanOrEqual(600);
    expect(await store.has(digest)).toBe(true);
    expect(await link.client.ttl(key)).toBeGreaterThan(6 * 86_400);
  });

  it('that were never finished are not there, and go soon', async () => {
    const store = new BlobStore(link, 'torn');
    const bytes = randomBytes(10);
    const key = `torn:blob:${sha256(bytes)}`;
    await store.put(bytes);
    await link.client.hdel(key, 'is');
    expect(await store.has(sha256(bytes))).toBe(false);
    await expect(store.get(sha256(bytes))).rejects.toThrow(/are not in Redis any more/);
    await store.put(bytes);
    expect(await store.get(sha256(bytes))).toEqual(new Uint8Array(bytes));
  });

  it.each<[string, string, (packed: Buffer) => Buffer | string]>([
    ['another byte', '0', (packed) => Buffer.concat([packed.subarray(0, -1), Buffer.of(packed.at(-1)! ^ 1)])],
    ['a piece that is missing its end', '0', (packed) => packed.subarray(0, -1)],
    ['nothing', '0', () => ''],
    ['an unknown coding', '0', (packed) => Buffer.concat([Buffer.of(7), packed.subarray(1)])],
    ['a piece that would inflate to a gigabyte', '0', () => Buffer.concat([Buffer.of(1, 0, 0, 0, 0), deflateRawSync(Buffer.alloc(2 ** 26))])], // prettier-ignore
    ['a piece that is too large', '0', () => Buffer.alloc(2 ** 21)],
    ['another size', 'is', () => '{"bytes":11}'],
    ['a negative size', 'is', () => '{"bytes":-1}'],
    ['an immense size', 'is', () => '{"bytes":1e12}'],
    ['no JSON', 'is', () => '{'],
  ])('are refused with %s', async (_, field, change) => {
    const store = new BlobStore(link, 'hostile');
    const digest = await store.put(randomBytes(10));
    const key = `hostile:blob:${digest}`;
    await link.client.hset(key, field, change((await link.client.hgetBuffer(key, field))!));
    await expect(store.get(digest)).rejects.toMatchObject({ name: 'DistributedError', code: 'damaged' });
  });
});
