import { countedFromZero } from '../../../study/counting.ts';
import type { StudyData } from '../../../study/study-data.ts';

/** What the page was made with. */
export interface Loaded {
  /** Counted from 0, as the program counts. */
  data: StudyData;
  /** Where details of other notes can be asked for; undefined of a page in a file. */
  details: string | undefined;
}

/**
 * Reads the study that stands in the page.
 * @throws Error where this browser cannot unpack it, or the page was cut off
 */
export async function loadStudy(): Promise<Loaded> {
  const place = document.getElementById('study')!;
  return { data: countedFromZero((await unpacked(place.textContent)) as StudyData), details: place.dataset.details };
}

/** What was packed: base64 of deflated JSON. */
async function unpacked(text: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).json();
}
