import { commonFolder, packCorpus, type Corpus } from '../midi/node.ts';
import { sha256 } from '../sha256.ts';

/** The music of a run where it was read: its bytes for others, and what only this machine knows of it. */
export interface MusicAtHand {
  /** SHA-256 of `bytes`. */
  digest: string;
  /** As `packCorpus` gives them. */
  bytes: Uint8Array;
  /** What stands before the paths of the pieces here. */
  root: string;
  /** The paths and patterns that it was read from. */
  sources: readonly string[];
  leftOut: Pick<Corpus, 'skipped' | 'duplicates' | 'missing'>;
}

export function musicAtHand(corpus: Corpus, sources: readonly string[]): MusicAtHand {
  const bytes = packCorpus(corpus.pieces);
  const { skipped, duplicates, missing } = corpus;
  return {
    digest: sha256(bytes),
    bytes,
    root: commonFolder(corpus.pieces),
    sources,
    leftOut: { skipped, duplicates, missing },
  };
}
