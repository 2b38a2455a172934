/** Sets the wall clock of this process back, so that its whole seconds come later than the machine's. Timers ignore it. */
export function setClockBack(byMs: number): void {
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
