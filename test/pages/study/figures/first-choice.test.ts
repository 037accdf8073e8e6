import { expect, test } from 'vitest';
import { noteAnnouncement } from '../../../../src/pages/study/figures/announcements.ts';
import { firstChoice } from '../../../../src/pages/study/figures/first-choice.ts';
import { syntheticStudy } from '../../../support/study-data.ts';

const full = syntheticStudy({ notes: 80, units: 8 });
const study = { ...full, saliency: { ...full.saliency!, integrated: [] } };

test('the page opens with the note that was asked for', () => {
  expect(firstChoice(full).note).toBe(full.saliency!.integrated[0].note);
});

test('the page opens with what the findings name', () => {
  expect(firstChoice(study)).toEqual({ note: 57, unit: study.findings[0].units[0] });
});

test('without findings it opens with the greatest surprise and the unit that is missed the most', () => {
  const { note, unit } = firstChoice({ ...study, findings: [] });
  const { surprise } = study.heads[0];
  expect(surprise[note]).toBe(Math.max(...surprise.map((value) => value ?? 0)));
  expect(study.units.find((one) => one.unit === unit!.unit)!.rank).toBe(1);
});

test('a note outside the details is no first choice, and a song without notes has none', () => {
  const detail = { from: 0, to: 40 };
  expect(firstChoice({ ...study, detail }).note).toBeLessThan(40);
  const empty = {
    ...study,
    findings: [],
    heads: [],
    units: [],
    song: { ...study.song, notes: 0 },
    detail: { from: 0, to: 0 },
  };
  expect(firstChoice(empty)).toEqual({ note: -1, unit: null });
});

test('a note is announced with its surprise and what was predicted', () => {
  expect(noteAnnouncement(study, 0, 0)).toMatch(/^Note 1 of 80: .*Nothing predicted it\.$/);
  expect(noteAnnouncement(study, 5, 0)).toMatch(/Surprise of pitch [\d.]+, predicted [A-G]#?\d\.$/);
  expect(noteAnnouncement(study, -1, 0)).toBe('No note is chosen.');
});
