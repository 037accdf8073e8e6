import { isAbsolute, join } from 'node:path';
import type { Io } from './terminal.ts';

/**
 * The folder for what can be made again at any time: the one given, none for `none`, and otherwise `etude` in the place
 * that the system has for caches. Undefined where there is no such place.
 *
 * @param given the value of --cache
 */
export function cacheFolder(
  given: string | undefined,
  env: Io['env'],
  platform: string = process.platform,
): string | undefined {
  if (given !== undefined) return given === 'none' ? undefined : given;
  const caches = systemCaches(env, platform);
  return caches === undefined ? undefined : join(caches, 'etude');
}

function systemCaches(env: Io['env'], platform: string): string | undefined {
  // The XDG Base Directory Specification: a path that is not absolute is invalid and to be ignored.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME;
  if (platform === 'win32') return env.LOCALAPPDATA || undefined;
  if (!env.HOME) return undefined;
  return platform === 'darwin' ? join(env.HOME, 'Library/Caches') : join(env.HOME, '.cache');
}
