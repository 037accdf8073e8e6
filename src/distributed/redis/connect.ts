import { isIP } from 'node:net';
import type * as bullmq from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { EtudeError, messageOf } from '../../errors.ts';
import { redact, type RedisAddress } from './address.ts';
import { clause, DistributedError } from './errors.ts';

/** The packages, which are loaded when somebody asks for Redis and not before. */
export interface RedisPackages {
  bullmq: typeof bullmq;
  Redis: typeof Redis;
}

/**
 * Loads BullMQ and ioredis, which are optional packages.
 * @throws DistributedError `packages` with what installs them
 */
export async function loadRedisPackages(load = importPackages): Promise<RedisPackages> {
  try {
    return await load();
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const why = missing ? 'which are not installed' : `which cannot be loaded: ${clause(messageOf(thrown))}`;
    throw new DistributedError(
      'packages',
      `Several machines share work through the packages bullmq and ioredis, ${why}. Install them with: npm install bullmq ioredis`,
      thrown,
    );
  }
}

async function importPackages(): Promise<RedisPackages> {
  const [queue, client] = await Promise.all([import('bullmq'), import('ioredis')]);
  return { bullmq: queue, Redis: client.Redis };
}

/** A connection that outlives outages of Redis. */
export interface RedisLink {
  client: Redis;
  packages: RedisPackages;
  address: RedisAddress;
  /** What a command threw, in a sentence and without passwords where Redis is to blame; anything else as it is. */
  explain: (thrown: unknown) => Error;
  /** Another connection to the same Redis, for commands that wait there; it ends with the link. */
  another: () => Redis;
  /** Whether it has been closed. */
  readonly closed: boolean;
  close: () => void;
}

/** Told when the connection is lost, and when it is there again. */
export interface LinkEvents {
  onLost?: (why: string) => void;
  onBack?: () => void;
}

/** How long the first connection may take. */
const CONNECT_MS = 10_000;
/** A socket that is waited for and says nothing for so long is dead. BullMQ never waits longer than 10 s for an answer. */
const SILENT_MS = 20_000;
/** Between two attempts to connect again, at most. */
const MAX_RETRY_MS = 2000;

/**
 * Connects to Redis. From then on the connection is made again whenever it is lost; commands wait for it.
 * @throws DistributedError at once where Redis cannot be reached now, or refuses us
 */
export async function connectRedis(address: RedisAddress, events: LinkEvents = {}): Promise<RedisLink> {
  const packages = await loadRedisPackages();
  let [stands, closed, lost] = [false, false, false];
  let why = 'the connection was closed';
  const { host, port, db, username, password, tls } = address;
  const options: RedisOptions = {
    ...{ host, port, db, username, password, lazyConnect: true },
    ...(tls && { tls: isIP(host) === 0 ? { servername: host } : {} }),
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    retryStrategy: (times) => (stands && !closed ? Math.min(50 * 2 ** Math.min(times, 10), MAX_RETRY_MS) : null),
  };
  const client = new packages.Redis(options);
  const explain = (thrown: unknown): Error =>
    isOfRedis(thrown) || !(thrown instanceof Error) ? explainRedis(thrown, address) : thrown;
  let refused: unknown;
  client.on('error', (error: Error) => {
    refused ??= error;
    why = explainRedis(error, address).message;
  });
  client.on('close', () => {
    if (!stands || closed || lost) return;
    lost = true;
    // The reason comes after the socket has closed.
    setTimeout(() => { if (lost && !closed) events.onLost?.(why); }, 100).unref(); // prettier-ignore
  });
  client.on('ready', () => {
    if (lost) events.onBack?.();
    lost = false;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (thrown) {
    client.disconnect();
    throw explainRedis(refused ?? thrown, address);
  }
  stands = true;
  const others = new Set<Redis>();
  const another = (): Redis => {
    const other = new packages.Redis({ ...options, lazyConnect: false });
    // The link tells outages.
    other.on('error', () => undefined);
    others.add(other);
    other.on('end', () => others.delete(other));
    return other;
  };
  const close = (): void => {
    closed = true;
    for (const each of [client, ...others]) each.disconnect();
  };
  return { client, packages, address, explain, another, close, get closed() { return closed; } }; // prettier-ignore
}

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS|invalid (username-)?password/i, 'Redis refuses this user and password. Check them, or the variable ETUDE_REDIS_PASSWORD.'], // prettier-ignore
  [/^NOAUTH/, 'Redis asks for a password. Set the variable ETUDE_REDIS_PASSWORD.'],
  [/^ERR AUTH/, 'Redis has no password, and one was given. Check the address, or the variable ETUDE_REDIS_PASSWORD.'],
  [/^NOPERM/, 'This user of Redis may not do what is needed here: it needs all commands on the keys of the prefix.'],
  [/^(READONLY|.*-READONLY)/, 'This Redis is a replica, which may not be written to. Give the address of its primary.'],
  [/^MISCONF/, 'Redis cannot write to its disk, and takes nothing until it can. Its log says why.'],
  [/\bOOM\b/, 'Redis is full: it has reached its maxmemory. Raise that, or remove what is no longer needed: etude worker --clean.'], // prettier-ignore
  [/ECONNREFUSED/, 'nothing answers there. Is Redis running, and is the port right?'],
  [
    /ECONNRESET|EPIPE/,
    'the connection was closed from there. If that happens at once, the address may need rediss:// (TLS).',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'there is no host of this name. Check the address.'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|connect timeout/i, 'the host does not answer. Check the address, firewalls between here and there, and whether rediss:// (TLS) is meant.'], // prettier-ignore
  [/certificate|self.signed|altnames|SSL|TLS|wrong version number/i, 'a TLS connection cannot be made. Does the address need rediss://, and is the certificate known here (NODE_EXTRA_CA_CERTS)?'], // prettier-ignore
];

/** Whether an error comes from Redis or the way there: a reply, the network, or a connection that is closed. */
function isOfRedis(thrown: unknown): boolean {
  if (thrown instanceof EtudeError || !(thrown instanceof Error)) return false;
  const { name, code = '', message } = thrown as NodeJS.ErrnoException;
  return (
    ['ReplyError', 'MaxRetriesPerRequestError', 'AbortError', 'AggregateError', 'ConnectionClosedError'].includes(
      name,
    ) ||
    /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENET|EAI_|ENOTFOUND)/.test(code) ||
    // BullMQ hands some replies on as plain errors.
    /^(OOM|READONLY|MISCONF|NOPERM|NOAUTH|WRONGPASS|LOADING)|connection is closed|socket/i.test(message)
  );
}

function explainRedis(thrown: unknown, address: RedisAddress): DistributedError {
  const parts = thrown instanceof AggregateError ? thrown.errors : [thrown];
  const said = redact(
    parts.map(messageOf).join('; ') || String((thrown as NodeJS.ErrnoException | null)?.code),
    address,
  );
  const found = SENTENCES.find(([pattern]) => pattern.test(said));
  return new DistributedError('redis', `${address.shown}: ${found ? found[1] : `Redis failed: ${clause(said)}.`}`);
}
