import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/cli/files.ts';
import {
  RUN_FILES,
  checkRunFolder,
  createRunFolder,
  modelFile,
  readCheckpoint,
  writeCheckpoint,
} from '../../src/cli/run-folder.ts';
import { DataError } from '../../src/errors.ts';
import { CheckpointError, parameterSpecs, type Checkpoint, type ModelSpec } from '../../src/nn/index.ts';
import { sizeOf } from '../../src/tensor/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const spec: ModelSpec = {
  inputs: { categories: [], features: ['x'] },
  lstm: { layers: 1, hiddenSize: 2, dropout: 0 },
  heads: [{ name: 'y', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
  lossOn: 'last',
};

function checkpoint(value: number): Checkpoint {
  const parameters = parameterSpecs(spec).map(({ name, shape }) => [name, new Float32Array(sizeOf(shape)).fill(value)]);
  return { spec, parameters: Object.fromEntries(parameters) as Checkpoint['parameters'], extra: { value } };
}

describe('where a run may begin', () => {
  it('in a folder that is not there, or is empty; nothing is changed by asking', () => {
    const folder = temporaryFolder();
    checkRunFolder(folder);
    checkRunFolder(join(folder, 'a/b'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('not in a file, whatever is forced', () => {
    const path = join(temporaryFolder(), 'a');
    writeFileSync(path, '');
    expect(() => { checkRunFolder(path, { force: true }); }).toThrow(FileError); // prettier-ignore
    expect(() => { checkRunFolder(join(path, 'run')); }).toThrow(/is a file, not a folder/); // prettier-ignore
  });

  it('not in a folder that holds something, unless forced', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.doc'), '');
    expect(() => { checkRunFolder(folder); }).toThrow(/the folder is not empty/); // prettier-ignore
    checkRunFolder(folder, { force: true });
  });

  it('not where a run is; the message says how to go on with it', () => {
    const folder = temporaryFolder();
    writeCheckpoint(join(folder, RUN_FILES.last), checkpoint(1));
    expect(() => { checkRunFolder(folder); }).toThrow(/a run is already there.*--resume/); // prettier-ignore
  });
});

it('a run folder loses what a killed process had begun to write, and nothing else', () => {
  const folder = temporaryFolder();
  const names = [
    '.last.safetensors.0123456789ab.tmp',
    '.config.json.0123456789ab.tmp',
    '.mine.0123456789ab.tmp',
    'a.tmp',
  ];
  for (const name of names) writeFileSync(join(folder, name), '');
  createRunFolder(folder);
  expect(readdirSync(folder).sort()).toEqual(['.mine.0123456789ab.tmp', 'a.tmp', 'samples']);
});

describe('the model of a run folder', () => {
  it('is its best, or its last where no epoch was finished; to go on it is the last', () => {
    const { folder, best, last } = createRunFolder(join(temporaryFolder(), 'run'));
    writeCheckpoint(last, checkpoint(2));
    expect(readCheckpoint(folder).extra).toEqual({ value: 2 });
    writeCheckpoint(best, checkpoint(1));
    expect(readCheckpoint(folder).extra).toEqual({ value: 1 });
    expect(readCheckpoint(folder, 'last').extra).toEqual({ value: 2 });
    expect(readCheckpoint(best).parameters['lstm.0.bias']).toEqual(new Float32Array(8).fill(1));
    expect(existsSync(join(folder, RUN_FILES.samples))).toBe(true);
  });

  it('replaces the one before it as a whole', () => {
    const path = join(temporaryFolder(), 'm.safetensors');
    writeCheckpoint(path, checkpoint(1));
    writeCheckpoint(path, checkpoint(2));
    expect(readCheckpoint(path).extra).toEqual({ value: 2 });
  });

  it('is refused by name where there is none', () => {
    const folder = temporaryFolder();
    expect(() => modelFile(join(folder, 'x'))).toThrow(DataError);
    expect(() => modelFile(join(folder, 'x'))).toThrow(/there is no such file or folder/);
    expect(() => modelFile(folder)).toThrow(/no model in this folder; expected best\.safetensors or last\.safetensors/);
    mkdirSync(join(folder, 'best.safetensors'));
    expect(() => modelFile(folder)).toThrow(/no model in this folder/);
  });

  it('is refused, with its path, when it is cut off anywhere or is something else', () => {
    const path = join(temporaryFolder(), 'm.safetensors');
    writeCheckpoint(path, checkpoint(1));
    const bytes = readFileSync(path);
    for (const length of [0, 7, 8, 100, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => readCheckpoint(path)).toThrow(CheckpointError);
      expect(() => readCheckpoint(path)).toThrow(path);
    }
    writeFileSync(path, 'MThd, but not a model');
    expect(() => readCheckpoint(path)).toThrow(CheckpointError);
  });
});
