import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../../src/cli/cache-folder.ts';

it.each([
  ['given', { HOME: '/home/a' }, 'linux', 'given'],
  ['none', { HOME: '/home/a' }, 'linux', undefined],
  [undefined, { HOME: '/home/a' }, 'linux', join('/home/a/.cache/etude')],
  [undefined, { HOME: '/home/a', XDG_CACHE_HOME: '/c' }, 'linux', join('/c/etude')],
  [undefined, { HOME: '/home/a', XDG_CACHE_HOME: 'relative' }, 'linux', join('/home/a/.cache/etude')],
  [undefined, { HOME: '/home/a' }, 'darwin', join('/home/a/Library/Caches/etude')],
  [undefined, { LOCALAPPDATA: '/l', HOME: '/home/a' }, 'win32', join('/l/etude')],
  [undefined, {}, 'linux', undefined],
  [undefined, {}, 'win32', undefined],
])('--cache %s with %o on %s is %s', (given, env, platform, expected) => {
  expect(cacheFolder(given, env, platform)).toBe(expected);
});
