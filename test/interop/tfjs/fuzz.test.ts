import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tfjsCases } from '../../../bench/interop/tfjs-cases.ts';
import { randomModel } from '../../../bench/interop/ours.ts';
import { EtudeError } from '../../../src/errors.ts';
import { importTfjs, toTfjs } from '../../../src/interop/index.ts';
import { smallSpec } from '../../support/model-specs.ts';

const folder = join(import.meta.dirname, '../../golden/interop-tfjs');

/** What is put in the place of something. */
const ODD: unknown[] = [null, true, false, 0, -1, 1e9, 0.5, '', 'x', '__proto__', 'constructor', [], {}, [[]], [null], ['a', 0, 0], { a: 1 }, { class_name: 'LSTM', config: {} }]; // prettier-ignore

/** Every place in a value, as the object or list and the key in it. */
function placesIn(value: unknown, found: [holder: Record<string, unknown>, key: string][] = []): typeof found {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, each] of Object.entries(value)) {
    found.push([value as Record<string, unknown>, key]);
    placesIn(each, found);
  }
  return found;
}

const own = toTfjs({ ...randomModel(smallSpec()), extra: { codec: {} } });
const models = [
  ...tfjsCases(folder).map(({ name }) => ({
    text: readFileSync(join(folder, name, 'model.json'), 'utf8'),
    weights: (path: string) => readFileSync(join(folder, name, path)),
  })),
  { text: new TextDecoder().decode(own.bytes), weights: () => own.weights },
];

describe('a model.json in which something was exchanged', () => {
  it('is read, or refused with a typed error', async () => {
    const change = fc.tuple(fc.nat({ max: models.length - 1 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 })); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(change, async ([which, changes]) => {
        const { text, weights } = models[which];
        const json: unknown = JSON.parse(text);
        for (const [at, odd] of changes) {
          const places = placesIn(json);
          const [holder, key] = places[at % places.length];
          const value = ODD[odd % (ODD.length + 1)];
          // Past the end of the list, it is left out.
          if (odd % (ODD.length + 1) === ODD.length) Reflect.deleteProperty(holder, key);
          else holder[key] = structuredClone(value);
        }
        try {
          await importTfjs(JSON.stringify(json), weights);
        } catch (thrown) {
          if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return;
          expect(thrown).toBeInstanceOf(EtudeError);
        }
      }),
    );
  });
});
