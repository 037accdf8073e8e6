/** The part of midi-parser-js 4.0.4 that Etude uses; the package has no types of its own. */
declare module 'midi-parser-js' {
  export interface ParsedMidi {
    formatType: number;
    tracks: number;
    /** Events as `ParsedEvent` in parse.ts describes them. */
    track: { event: object[] }[];
    /** Ticks a quarter note; for SMPTE, the two division bytes, the first less 128. */
    timeDivision: number | [frames: number, ticks: number];
  }

  /** What the parser looks up on `this`. */
  export interface Settings {
    debug: boolean;
    customInterpreter: ((type: number, file: unknown, length: number | false) => unknown) | null;
  }

  const MidiParser: Settings & {
    Uint8(this: Settings, bytes: Uint8Array): ParsedMidi | false;
  };
  export default MidiParser;
}
