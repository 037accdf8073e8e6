import type { OpenStudy } from '../../study/index.ts';
import type { DetailsAddress } from '../../pages/study/study-page.ts';
import { sha256 } from '../../sha256.ts';
import { RefusedError, type ServedPage } from '../local-server/server.ts';

/** Where the page asks for details. */
const DETAILS_PATH = '/details.json';

/** What makes the page, as src/pages/study/study-page.ts does. */
export interface PageMaker {
  studyPage: (data: OpenStudy['data'], details?: DetailsAddress) => string;
  studyPolicy: (served: boolean) => string;
}

/** The page of a study, and the details of the notes around any that the page asks about: `note=4711`, counted from 1. */
export function servedStudy({ data, detailAround }: OpenStudy, { studyPage, studyPolicy }: PageMaker): ServedPage {
  const encoder = new TextEncoder();
  // A page that stays open while another study is started at its port must not take that one's numbers for its own.
  const study = sha256(encoder.encode(JSON.stringify(data))).slice(0, 16);
  const page = encoder.encode(studyPage(data, { path: DETAILS_PATH, study }));
  const details = (query: URLSearchParams): Uint8Array => {
    if (one(query, 'study') !== study) {
      throw new RefusedError(409, 'This address now serves another study. Reload the page.');
    }
    return encoder.encode(JSON.stringify(detailAround(noteOf(query, data.song.notes))));
  };
  return {
    answers: new Map([
      ['/', () => page],
      [DETAILS_PATH, details],
    ]),
    policy: `${studyPolicy(true)}; frame-ancestors 'none'`,
  };
}

/** The note that is asked about. */
function noteOf(query: URLSearchParams, notes: number): number {
  const text = one(query, 'note') ?? '';
  const note = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  if (note >= 1 && note <= notes) return note;
  throw new RefusedError(400, `note: expected one of the notes 1 to ${notes} of this song.`);
}

/** The one value of a parameter; undefined where there is none, or several. */
function one(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
