import type { Messages as KitMessages } from '../kit/browser/messages.ts';

/** What a sentence is about: when that has changed, the sentence goes. */
export type About =
  | 'address'
  | 'cell'
  | 'choice'
  | 'files'
  | 'keeping'
  | 'looking'
  | 'network'
  | 'piece'
  | 'playing'
  | 'tab'
  | 'training';

export type Messages = KitMessages<About>;
