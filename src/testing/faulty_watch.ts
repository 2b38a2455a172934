/**
 * Watches whose hints have faults.
 *
 * @module
 */
import { type HintSink, hintsOf } from "../store/hints.ts";
import type { StoreCallOptions } from "../store/store.ts";
import type { Clock } from "../time/clock.ts";
import { type CancelTimer, startTimer } from "../time/delay.ts";
import { InjectedFaultError } from "./fault.ts";
import { checkHintFault, type HintFault } from "./hint_fault.ts";

/** A watch with faults. */
export interface FaultyWatch {
  /** Watches the key in the wrapped store. */
  readonly open: (options: StoreCallOptions) => AsyncIterable<void>;
  /** Returns the fault of the next hint. */
  readonly nextFault: () => HintFault | undefined;
  /** The clock of the delays. */
  readonly clock: Clock;
}

/** The hints of a watch with their faults. They end without an error when the signal aborts. */
export function faultyHints(watch: FaultyWatch, signal: AbortSignal | undefined): AsyncIterable<void> {
  return hintsOf((sink) => {
    const ended = new AbortController();
    const cancels: CancelTimer[] = [];
    const pass = async (): Promise<void> => {
      for await (const _ of watch.open({ signal: ended.signal })) {
        if (ended.signal.aborted) return;
        const cancel = passHint(watch, sink);
        if (cancel) cancels.push(cancel);
      }
      sink.end();
    };
    pass().catch((error) => sink.fail(error));
    return () => {
      ended.abort();
      for (const cancel of cancels) cancel();
    };
  }, signal);
}

/** Passes one hint with its fault. Returns a function that cancels it, if it is late. */
function passHint({ nextFault, clock }: FaultyWatch, sink: HintSink): CancelTimer | undefined {
  const fault = nextFault();
  if (!fault) return void sink.hint();
  const delayMs = checkHintFault(fault);
  switch (fault.kind) {
    case "lose":
      return undefined;
    case "delay":
      return startTimer(clock, () => sink.hint(), delayMs);
    case "double":
      sink.hint();
      return void sink.hint();
    case "end":
      return void sink.end();
    case "fail":
      return void sink.fail(fault.error ?? new InjectedFaultError(fault.kind, "watch"));
  }
}
