/**
 * The words, help and options of `etude data`; see command-table.ts.
 *
 * @module
 */
import { UsageError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { DATA_SETS } from './data/data-sets.ts';
import { COMMON, outFolder, under, whole, type OptionSpec } from './options.ts';

/** How a digest is had, wherever one is missing. */
export const HOW_TO_DIGEST =
  'The publisher’s page usually gives it; for a file that you trust, "sha256sum FILE" prints it (macOS: "shasum -a 256 FILE", ' +
  'Windows: "certutil -hashfile FILE SHA256")';

const NAMES = DATA_SETS.map(({ name }) => name).join(', ');

export const data = defineCommand({
  name: 'data',
  summary: 'download music to learn from: MAESTRO, or an archive of your own',
  description:
    'Downloads a data set of MIDI files and unpacks it into a folder of its own in the current folder. Its licence is shown first: ' +
    'most data sets may not be used commercially. Without an argument, or with "list", the data sets are listed.\n\n' +
    'An interrupted download continues where it stopped, also in a later call. Nothing is unpacked unless its SHA-256 matches, ' +
    'and the folder is complete or absent. What is already here is not downloaded again; an archive that you downloaded by other means is ' +
    'used if it lies beside the folder under the name in its URL.',
  args: [{ name: 'set', required: false, help: `list, or one of: ${NAMES}` }],
  options: {
    out: outFolder('the folder to create (default: the name of the data set or archive, in the current folder)'),
    ...under('An archive of your own:', {
      url: {
        value: 'url',
        help: 'download this zip archive instead of a data set',
        parse: parseUrl,
      } as OptionSpec<string | undefined>,
      sha256: {
        value: 'hex',
        help: 'its SHA-256 (required)',
        needs: ['url'],
        parse: parseDigest,
      } as OptionSpec<string | undefined>,
      maxBytes: {
        ...whole({
          min: 1,
          max: 2 ** 40,
          default: 2_000_000_000,
          help: 'refuse an archive that is larger, packed or unpacked',
        }),
        needs: ['url'],
      },
    }),
    ...COMMON,
  },
  examples: [
    ['etude data list', 'the data sets, their licences, and what is already here'],
    ['etude data maestro', "used by TensorFlow's tutorial: maestro-v2.0.0, a 59 MB download"],
    ['etude data --url URL --sha256 HEX --out music', 'an archive of your own'],
  ],
});

function parseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('Expected an address that begins with https:// (or http://).');
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'Expected an address without a user and a password: these would be written down with the music.',
    );
  }
  return url.href;
}

function parseDigest(given: string): string {
  if (/^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  throw new UsageError(`Expected 64 hexadecimal digits. ${HOW_TO_DIGEST}.`);
}
