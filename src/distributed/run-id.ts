import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { findFiles } from '../midi/node.ts';
import { SETTINGS, type Settings } from '../music/index.ts';
import { etudeVersion } from '../package-folder.ts';
import { sha256 } from '../sha256.ts';
import type { RoundSettings } from './rounds/settings.ts';

/** Of a digest so much stands in the name of a folder: among a million runs two of the same name are one in a hundred million. */
const ID_LENGTH = 16;

/** The id of a run: a digest of its settings, the music and the version of Etude. The same id gives the same bytes, on the same engine. */
export function runId({ preset, settings, music }: { preset: string; settings: Settings; music: string }): string {
  const values = SETTINGS.map(({ key }) => [key, settings[key]]);
  return digestOfText(JSON.stringify([etudeVersion(), preset, values, music])).slice(0, ID_LENGTH);
}

/** Settings of which a machine of a run knows nothing: it goes on with them changed. */
const NOT_OF_MACHINES = ['epochs', 'maxSteps', 'minutes', 'patience', 'checkpointEvery', 'learningRate', 'validationWindows'] as const satisfies readonly (keyof Settings)[]; // prettier-ignore

/**
 * The id of a run that several machines train: of two such runs no machine may take the one for the other, even where they are alike.
 * @param folder of the run here; the same run goes on from the same folder
 */
export function roundsRunId(run: Parameters<typeof runId>[0], rounds: RoundSettings, folder: string): string {
  const settings = { ...run.settings, ...Object.fromEntries(NOT_OF_MACHINES.map((key) => [key, null])) };
  return digestOfText(JSON.stringify([runId({ ...run, settings }), rounds, hostname(), folder])).slice(0, ID_LENGTH);
}

/**
 * A digest of the MIDI files behind some sources, in the order in which they are read: their bytes, their names (which checkpoints keep of
 * the primer) and their side of a split that the data set brings.
 * @throws DataError when there are none
 */
export function digestOfMusic(sources: readonly string[]): string {
  const { files } = findFiles(sources);
  const lines = files.map(({ path, name, split }) => JSON.stringify([sha256(readFileSync(path)), name, split ?? null]));
  return digestOfText(lines.join('\n'));
}

function digestOfText(text: string): string {
  return sha256(new TextEncoder().encode(text));
}
