/**
 * One run of a program: its environment, its deadline and its end.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import { startTimer } from "../../time/delay.ts";
import type { Clock } from "../../time/clock.ts";
import { shortDuration } from "../duration_text.ts";
import type { ChildExit, ChildLimits, CommandChild, CommandIo, EndSignal } from "../io.ts";
import type { RenewalStore } from "./renewals.ts";
import type { RunSettings } from "./run_settings.ts";

/** What a run of a program needs. */
export interface ProgramOptions {
  readonly io: Pick<CommandIo, "start" | "clock">;
  /** The program and its arguments. */
  readonly program: readonly string[];
  readonly settings: Pick<RunSettings, "timeoutMs" | "graceMs" | "leaseMs">;
  /** The store of the scheduler. */
  readonly renewals: Pick<RenewalStore, "onRenewed">;
}

/** A program that runs. */
export class ProgramRun {
  readonly #child: CommandChild;
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** The end of the time that the program has, in the time of the monotonic clock. */
  readonly #deadlineMs: number;
  /** The reason why the program is ended here; absent while it may run. */
  #endReason: string | undefined;
  #cancelKill: (() => void) | undefined;
  #cancelGuard: (() => void) | undefined;
  /** Resolves at the end of the program. Rejects unless it exits with 0 by itself. */
  readonly ended: Promise<void>;

  /**
   * Starts the program.
   *
   * @param run The run.
   * @param options The program and its limits.
   */
  constructor(run: Run, { io: { start, clock }, program: [name = "", ...args], settings, renewals }: ProgramOptions) {
    const { timeoutMs, graceMs, leaseMs } = settings;
    this.#clock = clock;
    this.#graceMs = graceMs;
    const deadlineMs = run.started.getTime() + timeoutMs;
    const leftMs = deadlineMs - clock.nowMs();
    this.#deadlineMs = clock.monotonicMs() + leftMs;
    const startedMs = clock.monotonicMs() - Math.max(0, clock.nowMs() - run.started.getTime());
    const limits = this.#limitsOf(leaseMs === undefined ? Infinity : startedMs + leaseMs);
    this.#child = start({ program: name, args, env: environmentOf(run, deadlineMs), graceMs, limits });
    const cancelTimeout = startTimer(clock, () => this.#end(`timed out after ${shortDuration(timeoutMs)}`), leftMs);
    if (leaseMs !== undefined) {
      this.#guardLease(startedMs, leaseMs);
      renewals.onRenewed = (sentMs) => this.#guardLease(sentMs, leaseMs);
    }
    const onAbort = (): void => this.#end(textOfAbort(run.signal.reason));
    run.signal.addEventListener("abort", onAbort);
    if (run.signal.aborted) onAbort();
    this.ended = this.#child.exited.then((exit) => this.#settle(exit), (error) => {
      throw new Error(`${name} could not be started: ${(error as Error)?.message ?? error}`, { cause: error });
    }).finally(() => {
      cancelTimeout();
      renewals.onRenewed = undefined;
      this.#cancelGuard?.();
      this.#cancelKill?.();
      run.signal.removeEventListener("abort", onAbort);
    });
    // the caller may look at it later
    this.ended.catch(() => {});
  }

  /** Hands a signal on to the program. */
  signal(signal: EndSignal | "SIGKILL"): void {
    this.#child.kill(signal);
  }

  /** Ends the program so early, if the lease is not renewed, that it is killed before another replica may take over. */
  #guardLease(renewedMs: number, leaseMs: number): void {
    this.#cancelGuard?.();
    const leftMs = renewedMs + leaseMs - this.#graceMs - this.#clock.monotonicMs();
    this.#cancelGuard = startTimer(this.#clock, () => this.#end("the lease could not be renewed"), leftMs);
    if (this.#endReason === undefined) this.#child.limit(this.#limitsOf(renewedMs + leaseMs));
  }

  /** Returns when the program must be ended, also if this process cannot do it: at its deadline, and before its lease is over. */
  #limitsOf(leaseEndMs: number): ChildLimits {
    const termMs = Math.min(leaseEndMs - this.#graceMs, this.#deadlineMs) - this.#clock.monotonicMs();
    return { termMs, killMs: termMs + this.#graceMs };
  }

  /** Ends the program: SIGTERM, and SIGKILL after the grace. */
  #end(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    this.#child.kill("SIGTERM");
    // a second SIGTERM would be of no use
    this.#child.limit({ termMs: this.#graceMs, killMs: this.#graceMs });
    this.#cancelKill = startTimer(this.#clock, () => this.#child.kill("SIGKILL"), this.#graceMs);
  }

  #settle({ code, signal }: ChildExit): void {
    const end = signal === null ? `exit code ${code}` : `killed by ${signal}`;
    if (this.#endReason !== undefined) throw new Error(`${this.#endReason}: ${end}`);
    if (code !== 0) throw new Error(end);
  }
}

/** Returns the environment variables by which the program knows its run. */
function environmentOf({ name, term, owner, scheduled, started }: Run, deadlineMs: number): Record<string, string> {
  return {
    NEAT_RUN_NAME: name,
    NEAT_RUN_TERM: String(term),
    NEAT_RUN_OWNER: owner,
    NEAT_RUN_SCHEDULED: scheduled.toISOString(),
    NEAT_RUN_STARTED: started.toISOString(),
    NEAT_RUN_DEADLINE: new Date(deadlineMs).toISOString(),
  };
}

function textOfAbort(reason: unknown): string {
  const name = (reason as { readonly name?: unknown } | null)?.name;
  return name === "LeaseLostError" ? "the lease was lost" : name === "AbortError" ? "stopped" : "timed out";
}
