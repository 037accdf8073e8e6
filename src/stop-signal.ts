/** An `AbortSignal`, in words that need neither a browser's types nor Node's where our declarations are read. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** Throws `reason` once it is aborted. */
  throwIfAborted(): void;
  /** Calls `listener` when it is aborted. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** `listener` is no longer called. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
