/**
 * Puts the wall clock of this process back, so that its whole seconds come so much later than the machine's. Timers don't go
 * by it.
 */
export function putClockBack(byMs: number): void {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...args: unknown[]) {
      super(...(args.length === 0 ? [Real.now() - byMs] : args) as [number]);
    }

    static override now(): number {
      return Real.now() - byMs;
    }
  } as DateConstructor;
}
