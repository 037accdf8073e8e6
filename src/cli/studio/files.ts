import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { DataError } from '../../errors.ts';
import type { KnownAnswers } from '../local-server/server.ts';

/** Where the server hands out the model that the command was given. */
export const MODEL_PATH = '/model.safetensors';

/**
 * Every file of the built page, and the model.
 * @param folder what scripts/build-studio.mjs wrote
 * @param model the bytes of a checkpoint
 * @throws DataError when the page has not been built
 */
export function knownFiles(folder: string, model?: Uint8Array): KnownAnswers {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new DataError(`${folder}: the page is not there. Build it with: npm run build`);
  }
  const files = new Map<string, () => Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).split(sep).join('/')}`, () => readFileSync(path));
  }
  files.set('/', files.get('/index.html')!);
  if (model) files.set(MODEL_PATH, () => model);
  return files;
}
