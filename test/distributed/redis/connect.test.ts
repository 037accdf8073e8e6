import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../../src/distributed/redis/address.ts';
import { connectRedis, loadRedisPackages } from '../../../src/distributed/redis/connect.ts';
import { freePort, noRedis, TestRedis } from '../../support/redis.ts';

it('the packages that are missing are named, with what installs them', async () => {
  const missing = async () => (await import(['no', 'such', 'package'].join('-'))) as never;
  await expect(loadRedisPackages(missing)).rejects.toMatchObject({
    code: 'packages',
    message:
      'Several machines share work through the packages bullmq and ioredis, which are not installed. Install them with: npm install bullmq ioredis',
  });
});

describe.skipIf(noRedis)('a connection to Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start('--requirepass', 'open-sesame');
  });
  afterAll(() => redis.stop());
  const refusal = (url: string) => connectRedis(parseRedisAddress(url)).then(() => 'connected', String);

  it('stands with the right password', async () => {
    const link = await connectRedis(parseRedisAddress(`redis://:open-sesame@127.0.0.1:${redis.port}`));
    expect(await link.client.ping()).toBe('PONG');
    link.close();
  });

  it('is refused at once, in a sentence, without the password', async () => {
    const at = `redis://127.0.0.1:${redis.port}`;
    expect(await refusal(at)).toBe(`DistributedError: ${at}: Redis asks for a password. Set the variable ETUDE_REDIS_PASSWORD.`); // prettier-ignore
    expect(await refusal(`redis://:wrong@127.0.0.1:${redis.port}`)).toMatch(/refuses this user and password/);
    expect(await refusal(`redis://:wrong@127.0.0.1:${redis.port}`)).not.toContain('wrong');
    expect(await refusal(`redis://127.0.0.1:${await freePort()}`)).toMatch(/nothing answers there/);
    expect(await refusal('redis://no-such-host.invalid')).toMatch(/there is no host of this name/);
  });
});
