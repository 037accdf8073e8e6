// The entry of the page: makes the parts and joins them.
import { EngineClient, type WorkerPort } from './engine-client.ts';
import { byId } from './dom.ts';
import { missingFeatures } from './features.ts';
import type { MusicFile } from './protocol.ts';
import { loadSongbook } from './songbook.ts';
import { settingsOf, Store } from './state.ts';
import { Training } from './training.ts';
import { decodeState, encodeState } from './url-state.ts';
import { Messages } from './views/messages.ts';
import { MusicView } from './views/music-view.ts';
import { SettingsView } from './views/settings-view.ts';
import { TrainView } from './views/train-view.ts';

const messages = new Messages();
const { state, problems } = decodeState(location.hash);
for (const problem of problems) messages.error(problem);
const store = new Store(state);

const worker = new Worker(new URL('./engine.js', import.meta.url), { type: 'module', name: 'etude-engine' });
const engine = new EngineClient(worker as unknown as WorkerPort);
const trainView = new TrainView();
const training = new Training(engine, store, trainView, messages);
new SettingsView(store);
const musicView = new MusicView({
  take: (files) => void attempt(() => takeFiles(files)),
  songbook: () => void attempt(async () => loadMusic(await loadSongbook(), false)),
  choose: (piece) => store.setView({ piece, from: 0, at: 0 }),
  hear: () => undefined,
});
training.onModel = ({ engineName }) => {
  byId('engine-name').textContent = engineName;
};

let saving: ReturnType<typeof setTimeout> | undefined;
store.subscribe((current) => {
  clearTimeout(saving);
  saving = setTimeout(() => history.replaceState(null, '', `#${encodeState(current)}`), 200);
});

async function takeFiles(files: MusicFile[]): Promise<void> {
  await loadMusic(files, false);
}

async function loadMusic(files: MusicFile[], add: boolean): Promise<void> {
  const music = await engine.ask('loadMusic', { files, add, settings: settingsOf(store.state) });
  musicView.setMusic(music, store.state.view.piece);
}

async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    messages.error(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

await attempt(async () => {
  for (const sentence of missingFeatures()) messages.note(sentence);
  await loadMusic(await loadSongbook(), false);
  if (new URLSearchParams(location.hash.slice(1)).has('model')) await training.openServed();
  else await training.reset();
  for (const control of [trainView.start, trainView.step, trainView.reset]) control.disabled = false;
});
