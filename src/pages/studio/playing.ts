import type { Instrument, Note } from '../../midi/types.ts';
import type { LivePiano } from './audio/live-piano.ts';
import type { Player } from '../kit/browser/player.ts';
import { samples } from './audio/samples.ts';
import type { SoundClient } from './audio/sound-client.ts';
import { download } from './files-of-user.ts';
import type { Transport } from './transport.ts';
import type { EngineClient } from './engine-client.ts';
import { PlayedNotes } from './played-notes.ts';
import type { KeptMusic } from './keep.ts';
import type { Drawn, DrawnNews, PlayRequest } from './protocol.ts';
import { NO_PRIMER, type PlayState, type Store } from './state.ts';
import type { KeyListener } from './views/piano-view.ts';
import type { PlayView } from './views/play-view.ts';

/** As on a CD. */
const SAMPLE_RATE = 44_100;
/** When no key has been down for so long, in milliseconds, the network answers. */
const SILENCE = 1500;
/** Notes of an answer. */
const ANSWER = 32;

/** Drawing, playing and saving music. What fails is thrown, with a sentence. */
export class Playing implements KeyListener {
  readonly #engine: EngineClient;
  readonly #store: Store;
  readonly #parts: { player: Player; sound: SoundClient; piano: LivePiano };
  readonly #played = new PlayedNotes();
  #view?: PlayView;
  #report: (thrown: unknown) => void = () => undefined;
  #drawn?: Drawn;
  #news: DrawnNews[] = [];
  /** Called when music has been drawn. */
  onDrawn?: () => void;
  #channels?: Float32Array[];
  #answering?: ReturnType<typeof setTimeout>;

  constructor(engine: EngineClient, store: Store, parts: { player: Player; sound: SoundClient; piano: LivePiano }) {
    this.#engine = engine;
    this.#store = store;
    this.#parts = parts;
    engine.on('drawn', (news) => {
      this.#news.push(news);
      this.#view?.add(news);
    });
  }

  /** The view, and who hears of failures that nobody waits for. */
  attach(view: PlayView, report: (thrown: unknown) => void): void {
    this.#view = view;
    this.#report = report;
  }

  /** The music that is there, to be kept; none while it is being drawn. */
  get generated(): KeptMusic | undefined {
    return this.#drawn && { drawn: this.#drawn, news: this.#news };
  }

  /** Music that was kept. */
  goOn({ drawn, news }: KeptMusic): void {
    this.#begin();
    this.#news = news;
    for (const each of news) this.#view?.add(each);
    this.#finish(drawn);
  }

  async draw(): Promise<void> {
    const { play } = this.#store.state;
    await this.#draw({ ...requestOf(play), ...primerIn(play) });
  }

  /** Plays what was drawn, or stops. */
  async play(): Promise<void> {
    const { player } = this.#parts;
    if (player.playing) player.stop();
    else if (this.#drawn) {
      this.#channels ??= await this.#parts.sound.render([instrumentOf(this.#drawn)], SAMPLE_RATE);
      await this.#start(this.#channels, this.#view!.transport);
    }
  }

  /** Plays any notes on the piano, telling `transport` where it is; or stops. */
  async hear(notes: Note[], transport: Transport): Promise<void> {
    const { player, sound } = this.#parts;
    if (player.playing) return player.stop();
    const channels = await sound.render([{ program: 0, isDrum: false, name: '', notes }], SAMPLE_RATE);
    await this.#start(channels, transport);
  }

  saveMidi(): void {
    if (this.#drawn) download(`etude-${this.#store.state.play.seed}.mid`, this.#drawn.midi, 'audio/midi');
  }

  async saveWav(): Promise<void> {
    if (!this.#drawn) return;
    const bytes = await this.#parts.sound.wav([instrumentOf(this.#drawn)], SAMPLE_RATE);
    download(`etude-${this.#store.state.play.seed}.wav`, bytes, 'audio/wav');
  }

  async saveModel(): Promise<void> {
    download('etude-model.safetensors', await this.#engine.ask('save', undefined), 'application/octet-stream');
  }

  async useSoundFont(bytes: Uint8Array): Promise<void> {
    await this.#parts.sound.useSoundFont(bytes);
    this.#channels = undefined;
  }

  press(pitch: number, velocity: number): void {
    clearTimeout(this.#answering);
    this.#parts.player.stop();
    this.#played.press(pitch, velocity, performance.now() / 1000);
    this.#parts.piano.press(pitch, velocity);
  }

  release(pitch: number): void {
    this.#played.release(pitch, performance.now() / 1000);
    this.#parts.piano.release(pitch);
    clearTimeout(this.#answering);
    if (this.#played.holding || this.#played.length === 0) return;
    this.#answering = setTimeout(() => void this.#answer().catch(this.#report), SILENCE);
  }

  async #answer(): Promise<void> {
    const played = this.#played.take(performance.now() / 1000);
    await this.#draw({ ...requestOf(this.#store.state.play), notes: ANSWER, seconds: null, played });
    await this.play();
  }

  async #draw(request: PlayRequest): Promise<void> {
    this.#begin();
    this.#finish(await this.#engine.ask('draw', request));
    this.onDrawn?.();
  }

  #begin(): void {
    this.#parts.player.stop();
    this.#drawn = undefined;
    this.#news = [];
    this.#view?.begin();
  }

  #finish(drawn: Drawn): void {
    this.#drawn = drawn;
    this.#channels = undefined;
    this.#view?.finish(drawn);
  }

  async #start(channels: Float32Array[], transport: Transport): Promise<void> {
    await this.#parts.player.play(samples(channels, SAMPLE_RATE), transport, transport.from);
  }
}

function instrumentOf({ played, program, isDrum }: Drawn): Instrument {
  return { program, isDrum, name: '', notes: played };
}

/** What is heard first, of what a request can say. */
function primerIn({ primer, typed }: PlayState): Pick<PlayRequest, 'primer' | 'typed' | 'played'> {
  if (typed.trim() !== '') return { typed };
  if (primer === NO_PRIMER) return { played: [] };
  return primer === '' ? {} : { primer };
}

/** How to draw what comes after the model's own primer. */
function requestOf({ stepTemperature: step, durationTemperature: duration, ...how }: PlayState): PlayRequest {
  const temperatures = { ...(step !== null && { step }), ...(duration !== null && { duration }) };
  return { ...how, temperatures, topK: 0, primer: undefined, typed: undefined };
}
