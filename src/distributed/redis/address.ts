import { UsageError } from '../../errors.ts';

/** Where a Redis is, and who we are there. */
export interface RedisAddress {
  host: string;
  port: number;
  db: number;
  username?: string;
  password?: string;
  tls: boolean;
  /** The address for people, without user and password. */
  shown: string;
}

/** The variables that are used where the command line says nothing. */
export const URL_VARIABLE = 'ETUDE_REDIS_URL';
export const PASSWORD_VARIABLE = 'ETUDE_REDIS_PASSWORD';

/**
 * Reads `redis://USER:PASSWORD@HOST:PORT/DATABASE`, or `rediss://` for TLS.
 * @param text undefined takes ETUDE_REDIS_URL
 * @param env ETUDE_REDIS_PASSWORD is the password where the address has none
 * @throws UsageError that says what is wrong, and never repeats the text: it may hold a password
 */
export function parseRedisAddress(
  text: string | undefined,
  env: Readonly<Record<string, string | undefined>> = {},
): RedisAddress {
  const given = text ?? env[URL_VARIABLE];
  if (!given) throw new UsageError(`--redis: expected an address such as redis://HOST:6379, or the variable ${URL_VARIABLE}.`); // prettier-ignore
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const scheme = url?.protocol;
  if (!url?.hostname || (scheme !== 'redis:' && scheme !== 'rediss:')) {
    throw new UsageError('--redis: expected an address such as redis://HOST:6379 or rediss://USER@HOST:6380.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError('--redis: expected nothing after the number of the database: no "?" and no "#" (in a password write %3F and %23).'); // prettier-ignore
  }
  if (!/^(\/\d{0,5})?$/.test(url.pathname)) {
    throw new UsageError('--redis: expected the number of a database after the host, as in redis://HOST:6379/0.');
  }
  const db = Number(url.pathname.slice(1));
  const port = url.port === '' ? 6379 : Number(url.port);
  const password = decoded(url.password) || env[PASSWORD_VARIABLE] || undefined;
  return {
    // An IPv6 address stands in brackets.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    db,
    username: decoded(url.username) || undefined,
    password,
    tls: scheme === 'rediss:',
    shown: `${scheme}//${url.hostname}:${port}${db === 0 ? '' : `/${db}`}`,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UsageError('--redis: user and password: expected "%" to be written as %25.');
  }
}

/** A text without the password, and without the user and password of any address in it. */
export function redact(text: string, { password }: Pick<RedisAddress, 'password'> = {}): string {
  const plain = text.replace(/(rediss?:\/\/)[^\s/@]*@/g, '$1***@');
  return password ? plain.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***') : plain;
}
