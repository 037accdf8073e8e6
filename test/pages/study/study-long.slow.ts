import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { studyPage } from '../../../src/pages/study/study-page.ts';
import { countedFromZero } from '../../../src/study/counting.ts';
import { openStudy, type StudyData } from '../../../src/study/index.ts';
import type { MusicModel } from '../../../src/music/index.ts';
import type { NamedArrays } from '../../../src/nn/index.ts';
import { COUNT_COLOURS, inBrowser, noBrowser } from '../browser.ts';
import { longSong } from '../../support/long-song.ts';
import { toyModel, toySettings } from '../../support/toy-music.ts';
import { settled, title, track, useStudyPages } from './open-study.ts';

const NOTES = 10_000;

describe.skipIf(noBrowser)(`the page of 10,000 notes ${inBrowser}`, () => {
  const open = useStudyPages();
  /** As it is written into the page, and as `open` takes it. */
  let study: StudyData;
  let indexed: StudyData;

  beforeAll(async () => {
    const model = await calmModel();
    const began = performance.now();
    ({ data: study } = await openStudy({ model, path: 'toy', song: longSong(NOTES), from: 501 }));
    indexed = countedFromZero(study);
    console.log(`a study of ${NOTES} notes, 128 units: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }, 120_000);

  test('stays under 3 MB', () => {
    const bytes = Buffer.byteLength(studyPage(study));
    console.log(`its page: ${(bytes / 1e6).toFixed(2)} MB`);
    expect(bytes).toBeLessThan(3_000_000);
  });

  test('shows means of the whole song, and the notes that it tells one by one', async () => {
    const { page, faults } = await open(indexed);
    const line = page.locator('.details');
    const { from, to } = study.detail;
    expect(await line.innerText()).toContain(`heat maps, saliency, path and gradient cover notes ${from} to ${to};`);
    expect(await line.innerText()).toContain(
      `For the rest, run "etude study … --from ${to + 1}" or "etude study … --serve".`,
    );
    await page.getByRole('button', { name: 'All: show the whole song' }).click();
    const heat = track(page, 'Heat map of the output');
    await heat.scrollIntoViewIfNeeded();
    const box = (await heat.boundingBox())!;
    await heat.hover({ position: { x: box.width * 0.9, y: 100 } });
    const means = study.layers[0].overview!.notesPerColumn;
    expect(await page.locator('.tip').innerText()).toMatch(new RegExp(`h = .*, the average of ${means} notes\nafter note \\d{4}`)); // prettier-ignore
    await page.goto(`${page.url().replace(/#.*/, '')}#note-9000`);
    await page.reload();
    await page.locator('#note-panel dl').waitFor();
    expect(await title(page, 'note')).toMatch(/^Note 900\d/);
    expect(await page.locator('#note-panel').innerText()).toMatch(/This file has the details of notes 501 to \d+ of 10000\./); // prettier-ignore
    expect(faults).toEqual([]);
    await page.close();
  });

  test('is drawn while it is zoomed and moved over the whole song', async () => {
    const { page, faults } = await open(indexed);
    await page.setViewportSize({ width: 1440, height: 1200 });
    await page.getByRole('button', { name: 'All: show the whole song' }).click();
    for (const tint of ['saliency', 'surprise', 'unit', 'plain']) {
      await page.getByRole('combobox', { name: 'Colour notes by' }).selectOption(tint);
      await settled(page);
      if (tint === 'surprise') expect(await track(page, 'Piano roll').evaluate(COUNT_COLOURS)).toBeGreaterThan(50);
      console.log(`colours by ${tint}: ${await frames(page)}`);
    }
    expect(await track(page, 'Piano roll').isVisible()).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });
});

/** A model of the size of the preset `quick`; with a toy's weights as they are, gradients would explode on their way. */
async function calmModel(): Promise<MusicModel> {
  const model = await toyModel(toySettings('quick', { hiddenSize: 128 }));
  const calm = Object.entries(model.parameters).map(([name, values]) => [name, values.map((value) => value / 4)]);
  return { ...model, parameters: Object.fromEntries(calm) as NamedArrays };
}

/** Zooms and moves for a hundred frames with nearly all of the song visible: how long a frame takes, drawing and painting. */
async function frames(page: Page): Promise<string> {
  const times = await page.evaluate<number[]>(`(async () => {
    const press = (name) => document.querySelector('button[aria-label="' + name + '"]').click();
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let k = 0; k < 100; k++) {
      press(['Zoom in', 'Later', 'Earlier', 'Zoom out'][k % 4]);
      const now = await new Promise(requestAnimationFrame);
      frames.push(now - last);
      last = now;
    }
    return frames.slice(4);
  })()`);
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): string => sorted[Math.floor(part * (sorted.length - 1))].toFixed(1);
  return `a frame takes ${at(0.5)} ms (9 of 10 at most ${at(0.9)} ms)`;
}
