// The entry of the worker in which networks live: the page asks, this answers.
import { EtudeError, messageOf } from '../../../errors.ts';
import type { AskMessage, Call, EngineCalls, TellMessage } from '../protocol.ts';
import { draw } from './draw.ts';
import { Session } from './session.ts';
import { Watcher } from './watcher.ts';

/** The part of a dedicated worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { data: AskMessage }) => void) | null;
  postMessage(message: TellMessage, transfer?: Transferable[]): void;
}

type Handlers = { [C in Call]: (request: EngineCalls[C]['request']) => Reply<C> | Promise<Reply<C>> };
type Reply<C extends Call> = EngineCalls[C]['reply'];

const scope = globalThis as unknown as WorkerScope;
const session = new Session((event, detail) => scope.postMessage({ event, detail }));
const watcher = new Watcher(session, (view) => scope.postMessage({ event: 'phrase', detail: view }));
session.onNews = () => watcher.mayLook();

const handlers: Handlers = {
  loadMusic: (request) => session.loadMusic(request),
  // People hear seconds, whatever a model counts.
  notesOf: ({ path, ...settings }) => session.notesOf(path, { ...settings, time: 'seconds' }),
  choose: (request) => session.choose(request),
  prepare: (request) => session.prepare(request),
  trainOn: (request) => session.trainOn(request),
  train: ({ steps }) => void session.train(steps),
  pause: () => void session.pause(),
  watch: ({ phrase }) => void watcher.watch(phrase),
  look: (choice) => watcher.look(choice),
  cell: (choice) => watcher.cell(choice),
  draw: (request) =>
    draw(session, request, (news) => {
      scope.postMessage({ event: 'drawn', detail: news });
    }),
  save: () => session.save(),
  keep: () => session.keep(),
  open: (request) => session.open(request),
};

/** Whatever takes the network's place or ends it must not begin while another such thing is under way. */
let queue: Promise<unknown> = Promise.resolve();

scope.onmessage = ({ data: { id, call, request } }) => {
  const handle = handlers[call] as (request: unknown) => unknown;
  queue = queue.then(async () => {
    try {
      scope.postMessage({ id, reply: await handle(request) });
    } catch (thrown) {
      const name = thrown instanceof EtudeError ? thrown.name : 'Error';
      scope.postMessage({ id, error: { name, message: messageOf(thrown) } });
    }
  });
};
