import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { packageFolder } from '../../package-folder.ts';

/**
 * The words that start this same Etude in another process: the node that runs this one, and the program that it runs. Where this runs in
 * something else, as in tests, it is the program that has been built.
 * @throws DataError where there is none
 */
export function sameEtude(program = process.argv[1]): string[] {
  const built = join(packageFolder(), 'dist/cli/main.js');
  const isOurs = /[\\/]cli[\\/]main\.[jt]s$|[\\/]etude(\.\w+)?$/.test(program ?? '');
  const found = isOurs ? program : built;
  if (!existsSync(found)) throw new DataError(`${found}: the program that trains a run is not there. Build it with: npm run build`); // prettier-ignore
  return [process.execPath, ...process.execArgv, found];
}
