import { describe, expect, it } from 'vitest';
import { reportPage } from '../../../src/pages/report/report.ts';
import { generatePieces } from '../../../src/music/index.ts';
import { PLAIN_SAMPLING } from '../../../src/nn/index.ts';
import { toyModel, toySettings, toySongbook } from '../../support/toy-music.ts';
import { sampleReport } from './sample-report.ts';

/** The text of a page without its markup, its style and its pictures. */
function wordsOf(html: string): string {
  return html
    .replace(/<(style|svg)[^>]*>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** Tags that are open at the end, or closed without having been opened. */
function unbalanced(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const empty = new Set(['meta', '!doctype']);
  for (const [, slash, name, self] of html.matchAll(/<(\/?)([a-zA-Z!][\w-]*)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
    if (self || empty.has(name.toLowerCase())) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the page of a run', () => {
  const html = reportPage(sampleReport());

  it('is well-formed HTML', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(unbalanced(html)).toEqual([]);
  });

  it('asks nothing of the network: no address but of the files beside it, no script', () => {
    const addresses = [...html.matchAll(/(?:\s(?:src|href|data|poster)\s*=|url\()\s*["']?([^"')\s>]+)/g)].map(
      ([, address]) => address,
    );
    expect(addresses).toEqual(['generated.wav', 'generated.mid', 'generated.wav']);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
    expect(html).not.toMatch(/<script|@import|<link|<iframe/);
  });

  it('has a curve of the loss and one of each head, the piano roll, and the distributions, inline', () => {
    const titles = [...html.matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Piano roll of the sample',
      'Loss',
      'Loss of pitch',
      'Loss of time to the next note',
      'Loss of duration',
      'A whole note',
      'Its pitch',
      'Pitches',
      'Times to the next note',
      'Durations',
      'Learning rate',
      'Gradient',
    ]);
  });

  it('says in words how it ended, how good it is, and how repetitive the sample is beside the data', () => {
    const words = wordsOf(html);
    expect(words).toContain('Stopped early after 12 epochs');
    expect(words).toMatch(/pitch 2\.400 3\.310 \+27 % 11\.02 nats/);
    expect(words).toMatch(/duration 0\.9100 0\.000 – – squared error/);
    expect(words).toMatch(/note 3\.010 4\.510 note, in bits 4\.342 6\.507 note, on a grid of 10 ms 5\.200 6\.700 /);
    expect(words).toMatch(/Repetition: runs of 4 pitches heard before 0 % 6\.\d %/);
    expect(words).toMatch(/Range C\d to \S+ C2 to C7/);
    expect(words).toContain('learningRate 0.002 preset: 0.004');
    expect(words).toContain('The weights of epoch 9 were kept.');
  });

  it('says what whole pieces cost, without the memory and with it, and by position', () => {
    const words = wordsOf(html);
    expect(words).toContain('200 notes in 3 pieces, each predicted from everything before it: 2.100 nats per note with its memory, 0.400 less than without; 3.600 on a 10 ms grid.'); // prettier-ignore
    expect(words).toMatch(/pitch 2\.500 2\.100 3\.400 8\.17 note 2\.500 2\.100 3\.400/);
    expect(words).toMatch(/1 to 63 150 2\.600 2\.300 64 and more 50 2\.200 1\.500/);
    expect(wordsOf(reportPage(sampleReport({ whole: undefined })))).not.toContain('Whole pieces');
  });

  it('says so where it is not known what the frequencies would cost', () => {
    const [pitch] = sampleReport().heads;
    const old = reportPage(sampleReport({ heads: [{ ...pitch, baseline: null }], note: null }));
    expect(wordsOf(old)).toMatch(/pitch 2\.400 – – 11\.02 nats/);
  });

  it('says how often the model struck a key while it was held, beside how often the data does', () => {
    const { sample, data } = sampleReport();
    const held = { ...sample!, analysis: { ...sample!.analysis, struckWhileHeld: 0.0942 } };
    const never = { ...data, analysis: { ...data.analysis, struckWhileHeld: 0 } };
    expect(wordsOf(reportPage(sampleReport({ sample: held, data: never })))).toMatch(
      /Keys struck while held 9\.4 % 0 %/,
    );
  });

  it('has colours for the dark', () => {
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
  });

  it('is the same for the same data', () => {
    expect(reportPage(sampleReport())).toBe(html);
  });

  it('lets no text become markup', () => {
    const evil = '<script>alert("x")</script>&\'';
    const sample = { ...sampleReport().sample!, caption: evil, name: evil, midi: `a b/${evil}` };
    const page = reportPage(
      sampleReport({
        title: evil,
        verdict: [evil],
        facts: [{ label: evil, value: evil }],
        settings: [{ key: evil, value: evil, preset: evil }],
        sample,
      }),
    );
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
    expect(unbalanced(page)).toEqual([]);
  });

  it('stands without a sample, without validation, and before the first epoch', () => {
    const { history } = sampleReport();
    const bare = reportPage(sampleReport({ sample: undefined, heads: [], history: [], bestEpoch: null }));
    expect(wordsOf(bare)).toContain('No epoch was finished.');
    expect(bare).not.toContain('Piano roll');
    expect(unbalanced(bare)).toEqual([]);
    const unheld = reportPage(
      sampleReport({ history: history.slice(0, 1).map((record) => ({ ...record, validation: null })) }),
    );
    expect(wordsOf(unheld)).toContain('No pieces were held out for validation');
    expect(unheld).not.toContain('Learning rate</');
  });
});

describe('more pieces in the page of a run', () => {
  it('are set beside people’s: in a sentence, and the figures in which they are not alike', async () => {
    const model = await toyModel(toySettings('quick'));
    const tables = toySongbook().pieces.map(({ table }) => table);
    const generated = await generatePieces(model, tables, { count: 3, notes: 30, seed: 1, ...PLAIN_SAMPLING });
    const names = ['a', 'b', 'c', 'd'];
    const html = reportPage({ ...sampleReport(), generated: { ...generated, notesEach: 30, names } });
    const words = wordsOf(html);
    expect(unbalanced(html)).toEqual([]);
    expect(words).toContain('More pieces, compared with human music');
    expect(words).toMatch(/3 generated pieces of 30 notes, compared with \d+ clips of human music/);
    const unlike = generated.comparison.figures.filter(({ inside }) => inside === false);
    const alike = generated.comparison.figures.filter(({ inside }) => inside === true);
    expect(unlike.length).toBeGreaterThan(0);
    const table = words.slice(words.indexOf('Human 5 %'));
    for (const { name } of unlike) expect(table).toContain(` ${name} `);
    for (const { name } of alike) expect(table).not.toContain(` ${name} `);
    expect(wordsOf(reportPage(sampleReport()))).not.toContain('More pieces');
  });
});
