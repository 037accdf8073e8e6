import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { DataError, UsageError, messageOf } from '../../errors.ts';
import { importModel as readModel, onnxError } from '../../interop/import-model.ts';
import { CheckpointError, encodeCheckpoint, parameterCount } from '../../nn/index.ts';
import { counted } from '../../text/words.ts';
import type { ActionOf } from '../command.ts';
import { formatBytes } from '../files.ts';
import type { importModel as words } from '../import-table.ts';
import { besideStdout, checkOutput, outputName, writeOutput } from '../output.ts';
import { readCheckpoint } from '../run-folder.ts';

/** A file is read as a whole; Node reads no larger ones. */
const MOST_BYTES = 2 ** 31 - 1;

/** `etude import`: a model of another program as one of Etude. */
export const importModel: ActionOf<typeof words> = async ({ args: [path], options, terminal }) => {
  const { out, force, head, embedding, vocabulary, like, config } = options;
  if (out === undefined) throw new UsageError('import: give the model to write, --out FILE.safetensors.');
  checkOutput(out, { force, binary: true }, terminal);
  const names = vocabulary === undefined ? undefined : readVocabulary(vocabulary);
  const imported = await naming(path, () =>
    readModel(
      readBytes(path),
      {
        heads: listOf(head),
        embeddings: listOf(embedding),
        vocabulary: names,
        like: like === undefined ? undefined : readCheckpoint(like),
        config: config === undefined ? undefined : readText(config),
      },
      (name) => readBeside(path, name),
    ),
  );
  const { notes, ...model } = imported;
  const bytes = await naming(path, () => encodeCheckpoint(model));
  writeOutput(out, bytes, { force }, terminal);
  const parameters = parameterCount(model.spec);
  if (terminal.json) {
    terminal.printJson({ file: path, out, bytes: bytes.length, parameters, notes, spec: model.spec });
    return;
  }
  const said = besideStdout([out], terminal);
  for (const note of notes) said.print(note);
  said.say(`${outputName(out)}: ${counted(parameters, 'parameter')}, ${formatBytes(bytes.length)}.`);
};

function listOf(given: string | undefined): string[] | undefined {
  return given?.split(',').map((name) => name.trim());
}

/** Runs with the path in front of what it says is wrong with the file. */
async function naming<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof CheckpointError) throw new CheckpointError(`${path}: ${thrown.message}`, { cause: thrown });
    if (thrown instanceof DataError) throw new DataError(`${path}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

/** A file that another names: it lies beside it. */
function readBeside(path: string, name: string): Uint8Array {
  const file = join(dirname(path), name);
  try {
    // A pipe or device might have no end.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new DataError('is no file.');
    return readBytes(file);
  } catch (thrown) {
    throw new DataError(`the file "${name}", which it names, ${messageOf(thrown)}`, { cause: thrown });
  }
}

function readBytes(path: string): Uint8Array {
  if (extname(path).toLowerCase() === '.onnx') throw onnxError();
  let size: number;
  try {
    ({ size } = statSync(path));
    if (size <= MOST_BYTES) return readFileSync(path);
  } catch (thrown) {
    throw new DataError(`cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
  throw new DataError(`this file has ${formatBytes(size)}; at most ${formatBytes(MOST_BYTES)} are read.`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new DataError(`${path}: cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

/** @throws DataError where it is no JSON list of texts */
function readVocabulary(path: string): string[] {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new DataError(`${path}: cannot be read as JSON: ${messageOf(thrown)}. Expected a list of texts, such as ["a", "b"].`, { cause: thrown }); // prettier-ignore
  }
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return given;
  throw new DataError(`${path}: expected a JSON list of texts, such as ["a", "b"], in the order of the classes' indices.`); // prettier-ignore
}
