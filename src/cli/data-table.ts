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
  'The publisher’s page usually names it; of a file that you trust, "sha256sum FILE" tells it (macOS: "shasum -a 256 FILE", ' +
  'Windows: "certutil -hashfile FILE SHA256")';

const NAMES = DATA_SETS.map(({ name }) => name).join(', ');

export const data = defineCommand({
  name: 'data',
  summary: 'fetch music to learn from: MAESTRO, or an archive of your own',
  description:
    'Fetches a data set of MIDI files and unpacks it into a folder of its own in the working folder. Its licence is shown first: ' +
    'most data sets may not be used commercially. Without a word, or with "list", the data sets are listed.\n\n' +
    'A download that breaks goes on where it was, the next time too. Nothing is unpacked whose SHA-256 is not the expected one, ' +
    'and the folder is whole or not there. What is there is not fetched again; an archive that was fetched by other means is ' +
    'unpacked where it lies beside the folder by the name that it has in its address.',
  args: [{ name: 'set', required: false, help: `list, or one of: ${NAMES}` }],
  options: {
    out: outFolder('the folder to make (default: the name of the data set or archive, in the working folder)'),
    ...under('An archive of your own:', {
      url: {
        value: 'url',
        help: 'fetch this zip archive instead of a data set',
        parse: parseUrl,
      } as OptionSpec<string | undefined>,
      sha256: {
        value: 'hex',
        help: 'its SHA-256, without which nothing is unpacked',
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
    ['etude data list', 'what there is, under which licence, and what is here already'],
    ['etude data maestro', "TensorFlow's tutorial learns from it: maestro-v2.0.0, 59 MB to fetch"],
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
