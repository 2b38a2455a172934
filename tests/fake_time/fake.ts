/** A library that fakes time. */
export interface Fake {
  /** From now on, time stands still. */
  install(): void;
  /** Moves time on and waits for what follows from it. Timers that are set meanwhile may have to wait for the next call. */
  advance(ms: number): Promise<void>;
  /** Whether a timer is set; nothing else is done with this fake afterwards. */
  hasTimers(): boolean;
  /** Time is real again. */
  restore(): void;
}
