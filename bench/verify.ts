// Runs every benchmark with tiny counts, for what it verifies: node scripts/bench.mjs verify. Times are not looked at.
import { loadCorpus } from '../src/midi/node.ts';
import { findWideVerdict } from '../src/tensor/index.ts';
import { songbookFolder } from '../src/package-folder.ts';
import { compareResults } from './comparison.ts';
import { benchCrossover } from './crossover.ts';
import { kernelShareOfStep } from './epoch.ts';
import { benchGenerate } from './generate.ts';
import { benchGpuKernels } from './gpu/bench-gpu-kernels.ts';
import { benchKernels } from './kernels/bench-kernels.ts';
import { roofline } from './kernels/roofline.ts';
import { benchLoad, loadOnce } from './load.ts';
import { watchLoad } from './machine.ts';
import { benchMemory } from './memory.ts';
import { listModes, ownBackends, requestFor } from './modes.ts';
import { measurePeak } from './peak/peak.ts';
import { resultFile, type Row } from './results.ts';
import { benchScaling } from './scaling.ts';
import { TINY } from './timing.ts';
import { benchTrain } from './train.ts';
import { benchTrainModes } from './train-modes.ts';
import { REFERENCE } from './workload.ts';

const began = performance.now();
const load = watchLoad();
const { why } = await findWideVerdict();
console.log(`simd (wide): ${why}`);
const backends = ownBackends();

const kernels = await benchKernels({ backend: 'all', effort: TINY, small: true });
roofline(kernels.rows, kernels.peak, kernels.bandwidth);
say('kernels', kernels.rows);
for (const note of kernels.notes) console.log(`  ${note}`);

const peak = await measurePeak(1, 10);
for (const backend of backends) {
  for (const threads of backend === 'reference' ? [1] : [1, 2]) {
    say('training step', [await benchTrain({ backend, threads, shape: REFERENCE, effort: TINY, peak })]);
  }
  say('one note', benchGenerate({ backend, shape: REFERENCE, effort: TINY, heapNotes: 200 }));
}

const tiny = { batchSize: 8, seqLength: 6, hiddenSize: 16, layers: 2 };
const modes = await listModes();
const ofGpuJs = await benchGpuKernels({ modes, shape: tiny, effort: TINY });
say('kernels of gpu.js', ofGpuJs.rows);
const side = await benchTrainModes({ modes, shape: tiny, effort: TINY });
say('every mode', side.rows);
for (const note of [...ofGpuJs.notes, ...side.notes]) console.log(`  ${note}`);
const wrong = [...ofGpuJs.notes, ...side.notes].find((note) => note.includes('is wrong'));
if (wrong !== undefined) throw new Error(wrong);
const gpu = requestFor(modes.find(({ backend }) => backend === 'gpu-webasm')!);
const sizes = { hiddenSizes: [8, 16], batchSizes: [2, 4] };
say('crossover', (await benchCrossover({ gpu, ...sizes, layers: 1, seqLength: 4, effort: TINY })).rows);

const sources = [songbookFolder()];
say('loading', await benchLoad({ sources, rounds: 1, load: loadOnce }));
const scaling = await benchScaling({ backend: 'auto', effort: TINY, small: true });
say('scaling', scaling.rows);
const corpus = await loadCorpus(sources);
say('memory', [await benchMemory({ corpus, steps: 20, backend: 'auto', threads: 1 })]);
const share = await kernelShareOfStep('auto', 5);
if (!(share > 0 && share <= 1)) throw new Error(`the part of a step in the kernels cannot be ${share}`);
const result = resultFile('kernels', kernels.rows, load());
if (compareResults(result, result).changes.some(({ verdict }) => verdict !== 'the same')) {
  throw new Error('a result differs from itself');
}
console.log(`All verified in ${((performance.now() - began) / 1000).toFixed(0)} s; no time was looked at.`);

function say(what: string, rows: readonly Row[]): void {
  const impossible = rows.find(({ medianMs }) => !(medianMs > 0));
  if (impossible) throw new Error(`${impossible.id}: a time of ${impossible.medianMs} ms cannot be`);
  console.log(rows.length === 1 ? rows[0].id : `${what}: ${rows.length} rows`);
}
