// The entry of the page: makes the parts and joins them.
import { messageOf } from '../../errors.ts';
import { LivePiano } from './audio/live-piano.ts';
import { Player } from '../kit/browser/player.ts';
import { Tooltip } from '../kit/browser/tooltip.ts';
import { SoundClient } from './audio/sound-client.ts';
import { byId } from '../kit/browser/elements.ts';
import { Choosing } from './choosing.ts';
import { EngineClient, type WorkerPort } from './engine-client.ts';
import { missingFeatures } from './features.ts';
import { Looking } from './looking.ts';
import { browserShelf } from './browser-shelf.ts';
import { Keeper, type Kept } from './keep.ts';
import { Keeping } from './keeping.ts';
import { onlyTab } from './only-tab.ts';
import { kindOf, Music } from './music.ts';
import { Playing } from './playing.ts';
import type { MusicFile } from './protocol.ts';
import { loadSongbook } from './songbook.ts';
import { Store } from './state.ts';
import { Training } from './training.ts';
import { decodeState, encodeState } from './url-state.ts';
import { CellView } from './views/cell-view.ts';
import { LookView } from './views/look-view.ts';
import { Messages } from '../kit/browser/messages.ts';
import type { About } from './messages.ts';
import { MusicView } from './views/music-view.ts';
import { PianoView } from './views/piano-view.ts';
import { PlayView } from './views/play-view.ts';
import { SettingsView } from './views/settings-view.ts';
import { TrainView } from './views/train-view.ts';

const messages = new Messages<About>(byId('messages'));
/** Tries something: what was said of the last such try goes, and what fails is said. */
const attempt = (about: About, action: () => Promise<unknown>): void => {
  messages.gone(about);
  void action().catch((thrown: unknown) => messages.error(messageOf(thrown), about));
};

const address = location.hash;
const { state, problems } = decodeState(address);
const store = new Store(state);

const worker = new Worker(new URL('./engine.js', import.meta.url), { type: 'module', name: 'etude-engine' });
const engine = new EngineClient(worker as unknown as WorkerPort);
const player = new Player();
const tooltip = new Tooltip();
const seek = (seconds: number): void => player.seek(seconds);
const music = new Music(engine, store, messages);
const choosing = new Choosing(engine, store, messages);
const playing = new Playing(engine, store, { player, sound: new SoundClient(), piano: new LivePiano(player) });

const trainView = new TrainView(tooltip);
const also = (): Pick<Kept, 'curves' | 'generated'> => ({ curves: trainView.curves, generated: playing.generated });
const keeping = new Keeping({ engine, store, keeper: new Keeper(browserShelf), messages, also, onlyTab });
playing.onDrawn = () => keeping.changed();
const training = new Training(engine, store, trainView, messages);
new SettingsView(store);
const musicView = new MusicView(
  {
    take: (files) => attempt('files', () => takeFiles(files)),
    songbook: () =>
      attempt('files', async () => {
        await takeMusic(await loadSongbook(), []);
      }),
    choose(piece) {
      player.stop();
      store.setView({ piece, from: 0, at: 0 });
    },
    hear: () => attempt('playing', () => playing.hear(music.notes, musicView.transport)),
    seek,
  },
  tooltip,
);
const looking = new Looking(engine, store, { look: new LookView(store, tooltip), cell: new CellView() }, messages);
const piano = new PianoView(playing, (text) => messages.note(text));
const playView = new PlayView(
  store,
  {
    draw: () => attempt('playing', () => playing.draw()),
    play: () => attempt('playing', () => playing.play()),
    seek,
    loop: (on) => (player.loop = on),
    mute: (on) => (player.muted = on),
    saveMidi: () => playing.saveMidi(),
    saveWav: () => attempt('playing', () => playing.saveWav()),
    saveModel: () => attempt('training', () => playing.saveModel()),
    open: (file) => attempt('files', async () => takeFiles([{ path: file.name, bytes: await bytesOf(file) }])),
    soundFont: (file) => attempt('files', async () => takeFiles([{ path: file.name, bytes: await bytesOf(file) }])),
  },
  piano.element,
  tooltip,
);
music.attach(musicView);
playing.attach(playView, (thrown) => messages.error(messageOf(thrown), 'playing'));

training.onModel = ({ engineName, spec, primer, recall, budget, length, tempo }) => {
  byId('engine-name').textContent = engineName;
  playView.primer.setPieces(music.pieces, primer);
  playView.setRecall({ recall, budget });
  playView.setLength({ length, tempo });
  looking.setNetwork(spec.lstm);
  messages.gone('network');
  keeping.networkTaken();
};

addEventListener('pagehide', () => void keeping.hurry());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') void keeping.hurry();
});

let saving: ReturnType<typeof setTimeout> | undefined;
store.subscribe((current) => {
  // Whoever chooses has seen what of the address was left out.
  if (current.overrides !== state.overrides || current.play !== state.play) messages.gone('address');
  clearTimeout(saving);
  saving = setTimeout(() => history.replaceState(null, '', `#${encodeState(current)}`), 200);
});

/** Files from anywhere: music, a model or a SoundFont, each to where it belongs. */
async function takeFiles(files: MusicFile[]): Promise<void> {
  const of = (kind: ReturnType<typeof kindOf>): MusicFile[] => files.filter(({ path }) => kindOf(path) === kind);
  const [model] = of('model');
  const [soundFont] = of('soundFont');
  const songs = of('music');
  for (const { path } of of('other').slice(0, 3)) {
    messages.error(
      `${path}: the page takes MIDI files (.mid, .midi, .smf, .kar, .rmi), models (.safetensors) and SoundFonts (.sf2, .sf3).`,
      'files',
    );
  }
  if (songs.length > 0) await takeMusic(songs);
  if (soundFont) {
    await playing.useSoundFont(soundFont.bytes);
    messages.note(`${soundFont.path} plays from now on.`, 'files');
  }
  if (model) {
    try {
      await training.open(model.bytes);
    } catch (thrown) {
      throw new Error(`${model.path}: ${(thrown as Error).message} The network that was there stays.`, {
        cause: thrown,
      });
    }
  }
}

/**
 * Other music; a network that was made for the music before stays until it is reset.
 * @param toKeep what of it is kept for the next visit: nothing of the songbook, which the page has by itself
 */
async function takeMusic(files: MusicFile[], toKeep = files): Promise<void> {
  if (!(await loadMusic(files, !training.hasLearned))) return;
  keeping.music = toKeep;
  if (training.hasLearned) {
    messages.note(
      'The music is another now; the network keeps what it has learned, on the music before. “Continue training on this music” goes on from that, Reset makes a new one.',
      'network',
    );
    training.musicChanged();
    playView.primer.setPieces(music.pieces, training.model!.primer);
    looking.refresh(true);
  } else await training.reset();
}

async function loadMusic(files: MusicFile[], toTrain = false): Promise<boolean> {
  const taken = await music.load(files, toTrain);
  if (taken) choosing.musicChanged();
  return taken;
}

/** What the last visit left: its settings, its music, and its network, which may have learned from other music. */
async function bringBack({ model, address: kept, music: files, learnedFrom, curves, generated }: Kept): Promise<void> {
  const orSongbook = async (given: MusicFile[]): Promise<MusicFile[]> => (given.length > 0 ? given : loadSongbook());
  const was = decodeState(kept).state;
  store.set(was);
  const first = learnedFrom ?? files;
  if (await loadMusic(await orSongbook(first))) keeping.music = first;
  await training.open(model, 'Your network');
  if (curves) trainView.goOn(curves);
  if (generated) playing.goOn(generated);
  if (!learnedFrom) return;
  await takeMusic(await orSongbook(files), files);
  store.setView(was.view);
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

// The header is as high as its buttons need; what is scrolled to stands below it.
const header = document.querySelector('header')!;
new ResizeObserver(() => {
  document.documentElement.style.setProperty('--header', `${header.offsetHeight}px`);
}).observe(header);

for (const problem of problems) messages.error(problem, 'address');
for (const sentence of missingFeatures()) messages.note(sentence);
attempt('network', async () => {
  try {
    await loadMusic(await loadSongbook());
    if (new URLSearchParams(address.slice(1)).has('model')) await training.openServed();
    else await training.reset();
  } finally {
    void keeping.begin(bringBack);
    for (const control of [trainView.start, trainView.step, trainView.reset]) control.disabled = false;
  }
});
