import { basename, extname, normalize } from 'node:path';
import { UsageError } from '../../errors.ts';
import { counted, inWords } from '../../text/words.ts';
import type { ActionOf, Call } from '../command.ts';
import { HOW_TO_DIGEST, type data as words } from '../data-table.ts';
import { DATA_SETS, type DataSet } from '../data/data-sets.ts';
import { describeDataSets, describeTerms, listedDataSet } from '../data/describe-data.ts';
import { faultOfName } from '../data/entry-names.ts';
import { archiveName, fetchMusic, type FetchedMusic, type MusicSource } from '../data/fetch-music.ts';
import { isMidiName } from '../../midi/corpus/find-files.ts';
import { formatBytes } from '../files.ts';
import { helpWidth } from '../help-layout.ts';
import { nearest } from '../options.ts';
import { quoted } from '../../text/table.ts';
import type { Terminal } from '../terminal.ts';

type Options = Call<(typeof words)['options']>['options'];

/** Entries of an archive: more than any collection of MIDI files has, and few enough to be looked at. */
const MOST_ENTRIES = 500_000;

/** `etude data`: what music there is, and music in a folder. */
export const data: ActionOf<typeof words> = async ({ args, options, terminal }) => {
  const [set] = args as (string | undefined)[];
  if (options.url === undefined && (set === undefined || set === 'list')) {
    list(options, terminal);
    return;
  }
  const known = options.url === undefined ? dataSet(set!) : undefined;
  const source = known ? sourceOf(known, options) : ownSource(set, options);
  if (known) terminal.say(describeTerms(known));
  else terminal.say('Ask its publisher what you may do with this music.');
  const fetched = await fetchMusic(source, terminal);
  tell(source, fetched, terminal);
};

function list({ out }: Options, terminal: Terminal): void {
  if (out !== undefined) throw new UsageError('data: --out is for what is fetched. Name a data set, or leave it out.');
  if (terminal.json) for (const set of DATA_SETS) terminal.printJson(listedDataSet(set));
  else terminal.print(describeDataSets(DATA_SETS, terminal.colors, helpWidth(terminal.io.stdout.columns)));
}

function dataSet(name: string): DataSet {
  const found = DATA_SETS.find((set) => set.name === name);
  if (found) return found;
  const names = DATA_SETS.map((set) => set.name);
  const meant = nearest(name, ['list', ...names]);
  throw new UsageError(
    `data: there is no data set "${name}"; expected ${inWords(['list', ...names])}, or --url with --sha256 for an archive ` +
      `of your own.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
  );
}

function sourceOf({ url, sha256, bytes, folder, atMostBytes, terms }: DataSet, { out }: Options): MusicSource {
  return { url, sha256, bytes, folder: folderOf(out ?? folder), limits: { bytes: atMostBytes, entries: 5000 }, terms };
}

function ownSource(set: string | undefined, { url, sha256, out, maxBytes }: Options): MusicSource {
  if (set !== undefined) throw new UsageError(`data: "${set}" and --url are two things to fetch. Leave one out.`);
  if (sha256 === undefined) {
    throw new UsageError(`data: --url needs --sha256: what is not known is not unpacked. ${HOW_TO_DIGEST}.`);
  }
  return {
    url: url!,
    sha256,
    folder: folderOf(out ?? folderNamedBy(url!)),
    limits: { bytes: maxBytes, entries: MOST_ENTRIES },
  };
}

/** `https://example.org/songs.zip` becomes `songs`. */
function folderNamedBy(url: string): string {
  const file = archiveName(url);
  const name = basename(file, extname(file));
  if (faultOfName(name) === undefined) return name;
  throw new UsageError('data: the address names no file after which the folder could be called. Add --out FOLDER.');
}

/** Without a separator at the end, so that what is beside can be named after it. */
function folderOf(given: string): string {
  const folder = normalize(given).replace(/(?<=.)[/\\]+$/, '');
  if (!['', '.', '..'].includes(basename(folder))) return folder;
  throw new UsageError('data: --out is a folder that is made. Give it a name of its own.');
}

function tell({ folder, url, sha256, terms }: MusicSource, { from, manifest }: FetchedMusic, terminal: Terminal): void {
  const paths = Object.keys(manifest.files);
  const midiFiles = paths.filter(isMidiName).length;
  const bytes = Object.values(manifest.files).reduce((sum, length) => sum + length, 0);
  if (terminal.json) {
    const { licence, licenceUrl, citation } = terms ?? {};
    terminal.printJson({ folder, from, url, sha256, files: paths.length, midiFiles, bytes, licence, licenceUrl, citation }); // prettier-ignore
  }
  const already = from === 'folder' ? ' It was there already; nothing was fetched.' : '';
  terminal.say(`${folder}: ${counted(midiFiles, 'MIDI file')}, ${formatBytes(bytes)}.${already}`);
  if (midiFiles === 0) terminal.warn('None of its files is named like a MIDI file (.mid or .midi).');
  else terminal.say(`To train on it: etude train ${quoted(folder)} --out runs/mine`);
}
