/** What one may do with the music of a data set, and whom to name. */
export interface Terms {
  readonly licence: string;
  readonly licenceUrl: string;
  /** What the licence asks for, in a sentence. */
  readonly inWords: string;
  readonly citation: string;
}

/** Music that `etude data` knows where to find. */
export interface DataSet {
  /** As it is typed. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly pieces: string;
  /** Where its publisher describes it. */
  readonly page: string;
  /** A zip archive. */
  readonly url: string;
  /** Of the archive, in hexadecimal. */
  readonly sha256: string;
  /** Of the archive. */
  readonly bytes: number;
  /** The folder that it becomes, unless --out says otherwise. */
  readonly folder: string;
  /** A bound on what it unpacks to. */
  readonly atMostBytes: number;
  readonly terms: Terms;
}

const MAESTRO_TERMS: Terms = {
  licence: 'CC BY-NC-SA 4.0',
  licenceUrl: 'https://creativecommons.org/licenses/by-nc-sa/4.0/',
  inWords:
    'it may be shared and changed where its authors are named and the result stays under this licence; it may not be used ' +
    'commercially',
  citation:
    'Curtis Hawthorne, Andriy Stasyuk, Adam Roberts, Ian Simon, Cheng-Zhi Anna Huang, Sander Dieleman, Erich Elsen, Jesse ' +
    'Engel and Douglas Eck. "Enabling Factorized Piano Music Modeling and Generation with the MAESTRO Dataset." ' +
    'International Conference on Learning Representations, 2019.',
};

const MAESTRO = {
  about: 'piano performances of the International Piano-e-Competition, as MIDI, with a split of its own',
  page: 'https://magenta.withgoogle.com/datasets/maestro',
  atMostBytes: 120e6,
  terms: MAESTRO_TERMS,
} as const;

/** Every data set that can be asked for by name. */
export const DATA_SETS: readonly DataSet[] = [
  {
    ...MAESTRO,
    name: 'maestro',
    title: "MAESTRO v2.0.0, the music of TensorFlow's tutorial",
    pieces: '1,282 performances',
    url: 'https://storage.googleapis.com/magentadata/datasets/maestro/v2.0.0/maestro-v2.0.0-midi.zip',
    sha256: 'ec2cc9d94886c6b376db1eaa2b8ad1ce62ff9f0a28b3744782b13163295dadf3',
    bytes: 59_243_107,
    folder: 'maestro-v2.0.0',
  },
  {
    ...MAESTRO,
    name: 'maestro-v3',
    title: 'MAESTRO v3.0.0, the newest',
    pieces: '1,276 performances, 7.04 million notes',
    url: 'https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0-midi.zip',
    sha256: '70470ee253295c8d2c71e6d9d4a815189e35c89624b76d22fce5a019d5dde12c',
    bytes: 58_416_533,
    folder: 'maestro-v3.0.0',
  },
];
