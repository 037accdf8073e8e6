import { Codec, type BinTable } from '../midi/index.ts';
import type { ModelSpec } from '../nn/index.ts';
import { codingsOf, modelSpecFor, type Settings } from '../music/index.ts';

/**
 * The network that settings describe before any music has been seen: columns that are coded as bins have all of the bins
 * that the settings allow, where a corpus may turn out to need fewer.
 */
export function modelSpecWithoutData(settings: Settings): ModelSpec {
  const { bins } = settings;
  const codings = codingsOf(settings);
  const fitted = {
    ...(codings.step === 'bins' && { step: evenBins(bins) }),
    ...(codings.duration === 'bins' && { duration: evenBins(bins) }),
  };
  const isFitted = Object.keys(fitted).length > 0;
  return modelSpecFor(new Codec({ ...codings, ...(isFitted && { bins: fitted }) }), settings);
}

/** `count` bins a second wide: only their number matters here. */
function evenBins(count: number): BinTable {
  return {
    edges: Array.from({ length: count - 1 }, (_, k) => k + 1),
    centres: Array.from({ length: count }, (_, k) => k + 0.5),
  };
}
