import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { inBrowser, noBrowser, startBrowser, type TestBrowser, withPageOf } from '../browser.ts';
import { drop, expectArithmetic, startStudio, trainSteps, type RunningStudio } from './user.ts';

const etude = useBuiltEtude();

describe.skipIf(noBrowser)(`networks of other cells in the page, ${inBrowser}`, () => {
  let browser: TestBrowser;
  let server: RunningStudio;

  beforeAll(async () => {
    browser = await startBrowser();
    server = await startStudio(etude);
  });

  afterAll(async () => {
    await (browser as TestBrowser | undefined)?.close();
    server.process.child.kill('SIGINT');
    await server.process.ended;
  });

  it.each([
    { cell: 'gru', title: 'GRU', gates: 3, readout: 'Unit 1: r ', formula: 'h = (1 − z)·n + z·h′' },
    { cell: 'rnn', title: 'RNN', gates: 1, readout: 'Unit 1: h ', formula: 'h = tanh z' },
    { cell: 'lstm-norm', title: 'LSTM (layer norm)', gates: 4, readout: 'Unit 1: i ', formula: 'c = f·c′ + i·g' },
  ])(
    'trains a $cell in layers of 8 and 6 units, and shows what its units do',
    async ({ cell, title, gates, readout, formula }) => {
      const hash = `#preset=quick&cell=${cell}&layers=2&hidden-size=8,6&view-layer=2&view-quantity=z&threads=1&seed=2`;
      await withPageOf(browser, `${server.url}${hash}`, async (page) => {
        await drop(page, ['bach-invention-1.mid']);
        await page.waitForSelector('#data :text("1 piece")');
        await page.waitForSelector(`#status:has-text("A new network: layers of 8 and 6 ${title} units")`);
        await trainSteps(page, 3);
        await page.waitForSelector('#cell :text("Unit 1 of layer 2, after reading note 1")');
        await page.waitForSelector(`#cell .formula:has-text("${formula}")`);
        expect(await page.textContent('.readout')).toContain(readout);
        // Of a cell without an update gate the output is shown.
        const shown = cell === 'gru' ? 'update gate z' : 'output h';
        await page.waitForSelector(`.track-head strong:text-is("All units: ${shown}")`);
        await expectArithmetic(page, gates);
        await page.selectOption('#cell select', { index: 0 });
        await expectArithmetic(page, gates);
      });
    },
  );
});
