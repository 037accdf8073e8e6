import { describe, expect, it } from 'vitest';
import { detailsSentence, missingSentence, stateSentence } from '../../../../src/pages/study/figures/details-words.ts';
import { syntheticStudy } from '../../../support/study-data.ts';

const whole = syntheticStudy({ notes: 60, units: 4 });
const part = syntheticStudy({ notes: 60, units: 4, detail: { from: 20, to: 40 } });
const withMeans = {
  ...part,
  layers: part.layers.map((layer) => ({ ...layer, overview: { notesPerColumn: 3, heat: {} } })),
};

describe('of which notes there are details', () => {
  it('is not said where there are those of all', () => {
    expect([detailsSentence(whole, false), detailsSentence(whole, true)]).toEqual(['', '']);
  });

  it('is said in a file with the command that shows others', () => {
    expect(detailsSentence(withMeans, false)).toBe(
      'In this file heat maps, saliency, path and gradient cover notes 21 to 40; elsewhere the heat maps show averages of 3 notes. ' +
        'For the rest, run "etude study … --from 41" or "etude study … --serve". ',
    );
    expect(detailsSentence({ ...part, detail: { from: 40, to: 60 } }, false)).toContain(
      'nothing is known of the others. For the rest, run "etude study … --from 21"',
    );
  });

  it('is said on a served page without a command', () => {
    expect(detailsSentence(withMeans, true)).toMatch(
      /^Heat maps, .* cover notes 21 to 40; .* Select any other note to fetch the details around it\. $/,
    );
  });
});

it('a note that a file has no details of is told how they can be had', () => {
  expect(missingSentence(part, 50)).toBe(
    'This file has the details of notes 21 to 40 of 60. For those of this note, run "etude study … --from 41" or "etude study … --serve".',
  );
  expect(missingSentence(part, 3)).toContain('--from 1"');
});

it('says what is being fetched and what could not be, and nothing of what is here', () => {
  expect(stateSentence({ state: 'here' })).toBeUndefined();
  expect(stateSentence({ state: 'loading', note: 41 })).toBe('Fetching the details of the notes around note 42 …');
  expect(stateSentence({ state: 'failed', note: 41, why: 'the disk is gone.' })).toBe(
    'The details of note 42 could not be fetched: the disk is gone.',
  );
});
