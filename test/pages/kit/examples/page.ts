// The program of the page of examples: each part of the kit once, with what it can show. The slow test beside it opens and photographs it.
import { button, field, select, toggle, toggles } from '../../../../src/pages/kit/browser/controls.ts';
import { byId, element, type Child } from '../../../../src/pages/kit/browser/elements.ts';
import { lineKey, rampKey, trackHead } from '../../../../src/pages/kit/browser/legend.ts';
import { LineChart } from '../../../../src/pages/kit/browser/line-chart.ts';
import { Messages } from '../../../../src/pages/kit/browser/messages.ts';
import { palette } from '../../../../src/pages/kit/browser/palette.ts';
import { PieceRoll } from '../../../../src/pages/kit/browser/piece-roll.ts';
import { Player, type Sound } from '../../../../src/pages/kit/browser/player.ts';
import { PlayerBar } from '../../../../src/pages/kit/browser/player-bar.ts';
import { COPIES } from '../../../../src/pages/kit/browser/roll.ts';
import { factList, table } from '../../../../src/pages/kit/browser/tables.ts';
import { Timeline, type TimelineState, type Track } from '../../../../src/pages/kit/browser/timeline.ts';
import { Tooltip } from '../../../../src/pages/kit/browser/tooltip.ts';
import { barsTrack } from '../../../../src/pages/kit/browser/tracks/bars.ts';
import { heatTrack, type HeatRows } from '../../../../src/pages/kit/browser/tracks/heat.ts';
import { linesTrack } from '../../../../src/pages/kit/browser/tracks/lines.ts';
import { rollTrack } from '../../../../src/pages/kit/browser/tracks/roll.ts';
import { rulerTrack } from '../../../../src/pages/kit/browser/tracks/ruler.ts';
import { tableIndex } from '../../../../src/pages/kit/colour-scales.ts';
import { TimeAxis } from '../../../../src/pages/kit/time-axis.ts';
import { CHART_STEPS, chartValue, HEAT_COLUMNS, HEAT_ROWS, heatValue, MELODY, SONG } from './music.ts';

const tooltip = new Tooltip();

/** Puts an example on the page, under its name. */
function show(name: string, ...parts: Child[]): void {
  byId('examples').append(
    element('section', { class: 'example', id: name, 'aria-label': name }, element('h2', {}, name), ...parts),
  );
}

function controls(): void {
  const kinds = toggles('Gates', [{ value: 'i', text: 'i' }, { value: 'f', text: 'f', title: 'forget gate' }], () => undefined); // prettier-ignore
  kinds.show((value) => value === 'f');
  const wrong = field('Notes', element('input', { type: 'number', value: '-1', 'aria-invalid': 'true' }), 'Above 0');
  const nothing = (): void => undefined;
  const row = (...parts: Child[]): HTMLElement => element('div', { class: 'row' }, ...parts);
  show(
    'controls',
    row(
      button('Plain', nothing),
      button('First', nothing, { class: 'primary' }),
      button('Not now', nothing, { disabled: true }),
      button('Like a link', nothing, { class: 'link' }),
      toggle('Loop', nothing),
    ),
    element('div', { class: 'toolbar' }, kinds.root, field('Order', select([['cost', 'by cost'], ['span', 'by memory']], 'cost', nothing))), // prettier-ignore
    element('div', { class: 'toolbar' }, wrong, field('Speed', element('input', { type: 'range', value: '30' }))),
  );
}

function tables(): void {
  show(
    'tables',
    table(
      ['unit', 'what', 'cost', 'share'],
      [
        ['unit 3', 'follows the pitch', { number: '+0.199', tone: 'plus' }, { number: '12 %' }],
        ['unit 7', 'counts the notes of a bar', { number: '−0.021', tone: 'minus' }, { number: '3 %', strong: true }],
      ],
      'Units',
    ),
    factList([
      ['at', '13.13 s, beat 3.25 of 3'],
      ['lasts', '0.4 s, velocity 57'],
    ]),
  );
}

function messages(): void {
  const place = element('div', { 'aria-live': 'polite' });
  show('messages', place);
  const said = new Messages(place);
  said.note('The music is another now; the network keeps what it has learned.');
  said.error('broken.mid is left out: it is no MIDI file.', 'files');
  said.offer('The network of your last visit is here (step 40).', { 'Go on': () => undefined });
  Object.assign(globalThis, { said });
}

function player(): void {
  const heard: (number | null)[] = [];
  const sounds = new Player();
  const bar = new PlayerBar('Play', {
    press: () => {
      if (sounds.playing) sounds.stop();
      else void sounds.play(beep(), { at: moved });
    },
    seek: (seconds) => sounds.seek(seconds),
  });
  const moved = (at: number | null): void => {
    heard.push(at);
    bar.show({ at: at ?? 0, length: beep().length, playing: at !== null });
  };
  bar.show({ at: 0, length: beep().length, playing: false });
  const idle = new PlayerBar('Nothing yet', { press: () => undefined, seek: () => undefined });
  show('player', bar.root, idle.root);
  Object.assign(globalThis, { heard, sounds });
}

/** Six tenths of a second of a soft tone. */
function beep(): Sound {
  return {
    length: 0.6,
    start(context, output, from, when) {
      const tone = context.createOscillator();
      const gain = context.createGain();
      gain.gain.value = 0.05;
      tone.connect(gain).connect(output);
      tone.start(when);
      tone.stop(when + 0.6 - from);
      return () => gain.disconnect();
    },
  };
}

function charts(): void {
  const chart = new LineChart('Loss of each head', 'nats', 'step', tooltip);
  const empty = new LineChart('Nothing yet', 'nats', 'step', tooltip);
  show('charts', chart.root, empty.root);
  chart.setLines(['pitch', 'step', 'duration']);
  const x = CHART_STEPS;
  chart.setData({
    x,
    lines: [
      x.map(chartValue),
      x.map((step) => 0.4 * chartValue(step)),
      x.map((step) => (step > 30 && step < 50 ? null : 0.2)),
    ],
  });
}

function rolls(): void {
  const roll = (describe = (note: number): string => `note ${note + 1}`): PieceRoll => new PieceRoll('roll', tooltip, describe); // prettier-ignore
  const [phrase, copies, empty] = [roll(), roll(), roll()];
  show('piece rolls', phrase.canvas, copies.canvas, element('p', { class: 'row' }, lineKey(0, 'new'), lineKey(COPIES, 'copied')), empty.canvas); // prettier-ignore
  phrase.show('A phrase of the piece', MELODY, { phrase: [0, 4] });
  phrase.setPlayhead(5.25);
  copies.show('Copies, by probability', MELODY, {
    probabilities: MELODY.map((_, k) => (k % 4) / 3),
    copied: MELODY.map((_, k) => k >= 4),
    chosen: 6,
    source: 2,
  });
  empty.show('No notes', [], {});
}

function heat(scale: 'sequential' | 'diverging', rows: number): Track {
  const values = Float32Array.from({ length: rows * HEAT_COLUMNS }, (_, k) => heatValue(Math.floor(k / HEAT_COLUMNS), k % HEAT_COLUMNS)); // prettier-ignore
  const low = scale === 'diverging' ? -1 : 0;
  const order = Array.from({ length: rows }, (_, k) => k);
  const made: HeatRows = {
    levels: Uint16Array.from(values, (value) => tableIndex(value, low, 1)),
    columns: HEAT_COLUMNS,
    firstNote: 0,
    rows: order,
    names: order.map(String),
    ends: [String(low), '1'],
  };
  return heatTrack({
    label: `Heat map, ${scale}`,
    title: element('strong', {}, scale),
    heat: () => made,
    absent: '',
    ramp: (colours) => colours[scale],
    chosen: () => 2,
    choose: (_, note = state.note) => update({ note }),
    describe: (row, note) => `row ${row}\nvalue ${heatValue(row, note).toFixed(2)}\nnote ${note}`,
  });
}

const axis = new TimeAxis('seconds', SONG);
const state: TimelineState = { axis, window: axis.whole, note: 5, hover: -1 };
const update = (change: Partial<TimelineState>): void => {
  Object.assign(state, change);
  timeline.redraw();
};
const timeline = new Timeline({ read: () => state, update }, tooltip);

function tracks(): void {
  const surprise = SONG.pitch.map((_, k) => (k === 0 ? null : 1 + Math.sin(k)));
  const wave = (scale: number): number[] => SONG.pitch.map((_, k) => scale * Math.sin(k / 3));
  const named = (name: string): HTMLElement => trackHead(element('strong', {}, name));
  show('timeline', timeline.root);
  timeline.show([
    rollTrack({
      label: 'Piano roll',
      head: trackHead(element('strong', {}, 'Roll'), element('span', { class: 'key' }, ...rampKey('−', palette().diverging, '+'))), // prettier-ignore
      notes: () => SONG,
      marks: () => ({ expected: { pitch: 67, text: 'G4?' } }),
      describe: (note) => `note ${note}\npitch ${SONG.pitch[note]}`,
    }),
    rulerTrack(),
    barsTrack({ label: 'Bars', head: named('Bars'), bars: () => ({ values: surprise, baseline: 1.2 }), text: (value) => value.toFixed(1), describe: (note) => `surprise of note ${note}` }), // prettier-ignore
    heat('sequential', HEAT_ROWS),
    heat('diverging', 4 * HEAT_ROWS),
    linesTrack({
      label: 'Lines',
      head: trackHead(element('strong', {}, 'Lines'), lineKey(0, 'wave'), lineKey(1, 'half', 1)),
      first: () => 0,
      strips: () => [
        { scale: 'symmetric', height: 90, lines: [{ values: wave(1), series: 0, thick: true }, { values: wave(0.5), series: 1, dashed: true }] }, // prettier-ignore
        { scale: 'logarithmic', height: 70, lines: [{ values: SONG.pitch.map((_, k) => 10 ** (-k / 4)), series: 2 }] },
      ],
      describe: (note) => `wave ${wave(1)[note].toFixed(2)}`,
    }),
    linesTrack({ label: 'No lines', head: named('No lines'), first: () => 0, strips: () => 'Nothing is known of this unit.', describe: () => undefined }), // prettier-ignore
  ]);
}

controls();
tables();
messages();
player();
charts();
rolls();
tracks();
