/** The part of midi-parser-js 4.0.4 that Etude uses; the package has no types of its own. */
declare module 'midi-parser-js' {
  /** One event; which fields it has depends on `type`: 8 to 14 for channel messages, 255 for meta events. */
  export interface ParsedEvent {
    deltaTime: number;
    type: number;
    channel?: number;
    metaType?: number;
    data?: number | string | number[];
  }

  export interface ParsedMidi {
    formatType: number;
    tracks: number;
    track: { event: ParsedEvent[] }[];
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
