/**
 * The command `run`: any program as a task among replicas.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import type { Logger } from "../../log.ts";
import { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import { delay } from "../../time/delay.ts";
import { type Command, type Invocation, STORE_OPTION } from "../command.ts";
import { deferred } from "../deferred.ts";
import { EXIT } from "../exit_code.ts";
import type { EndSignal } from "../io.ts";
import { isDueAtFirstRun, onceOutcome } from "../run/once.ts";
import { ProgramRun } from "../run/program_run.ts";
import { RenewalStore } from "../run/renewals.ts";
import { runLog } from "../run/run_log.ts";
import {
  NO_RETRY_MS,
  RUN_OPTIONS,
  type RunSettings,
  runSettingsOf,
  schedulerTimeoutMs,
  unwantedOptions,
} from "../run/run_settings.ts";
import { type StoreAccess, withStore } from "../store_access.ts";

/** Runs a program as a task. */
export const RUN: Command = {
  name: "run",
  summary: "run a program as a task among replicas",
  positionals: [],
  takesProgram: true,
  options: { ...STORE_OPTION, ...RUN_OPTIONS },
  details: ["Ends with SIGTERM or Ctrl-C, which the program gets. Ctrl-C again kills it."],
  run: async (invocation) => {
    const settings = await runSettingsOf(invocation);
    return await withStore(invocation, async (access) => {
      const isDue = settings.isOnce && await isDueAtFirstRun(access.store, settings, invocation.io.clock);
      return await new ProgramTask(invocation, settings, access, isDue).run();
    });
  },
};

/** How often the scheduler is asked whether it has stopped, in milliseconds. */
const STOP_POLL_MS = 10;

/** A SIGINT after this time is a person who presses Ctrl-C again; npx and shells send a signal twice at once. In milliseconds. */
const AGAIN_MS = 1_000;

/** The longest `minCycle` of a scheduler by default is 5 minutes. In milliseconds. */
const MAX_MIN_CYCLE_MS = 600_000;

/** A scheduler whose task is a program. */
class ProgramTask {
  readonly #invocation: Invocation;
  readonly #settings: RunSettings;
  readonly #scheduler: NeatPeriodicTaskScheduler;
  readonly #renewals: RenewalStore;
  #current: ProgramRun | undefined;
  /** The first signal; absent before it. */
  #signal: EndSignal | undefined;
  #signalMs = 0;
  /** The start of the last run here; absent before it. */
  #startedMs: number | undefined;
  #isKilled = false;
  /** Whether the scheduler is created, which warns of settings that are not the user's options. */
  #isCreated = false;
  readonly #log: Logger;
  readonly #signalled = deferred<void>();

  constructor(invocation: Invocation, settings: RunSettings, { store, redact }: StoreAccess, isDue: boolean) {
    this.#invocation = invocation;
    this.#settings = settings;
    const { leaseMs, startDeadlineMs, checkMs } = settings;
    const log = runLog(invocation.io, invocation.isJson, redact);
    this.#log = log;
    this.#renewals = new RenewalStore(store, invocation.io.clock);
    this.#scheduler = new NeatPeriodicTaskScheduler({
      name: settings.name,
      ...settings.dueTimes,
      timeout: schedulerTimeoutMs(settings),
      // the scheduler lets a repetition take the place of the next due time
      retryDelay: (failures) => Math.min(settings.retryDelayMs(failures), this.#gapMs()),
      // half the interval at most, and below maxCycle
      minCycle:
        Math.min(checkMs, MAX_MIN_CYCLE_MS, "interval" in settings.dueTimes ? settings.dueTimes.interval : Infinity) /
        2,
      maxCycle: checkMs,
      ...(startDeadlineMs === undefined ? {} : { startDeadline: startDeadlineMs }),
      ...(isDue ? { firstRun: "immediately" } : {}),
      ...(leaseMs === undefined ? {} : { heartbeatTimeout: leaseMs }),
      instance: settings.instance,
      // an abandoned program still runs, and another run would overlap it
      maxAbandoned: 0,
      store: this.#renewals,
      clock: invocation.io.clock,
      log: { ...log, warn: (...args) => this.#isCreated ? log.warn(...args) : undefined },
      task: (run) => this.#runProgram(run),
    });
    this.#isCreated = true;
    for (const warning of unwantedOptions(settings)) log.warn(warning);
  }

  /** Runs the scheduler until a signal, or with `--once` until the end of the run. Returns the exit code. */
  async run(): Promise<number> {
    const { io } = this.#invocation;
    const stopListening = io.listen("signal", (signal) => this.#onSignal(signal));
    try {
      const outcome = this.#settings.isOnce ? onceOutcome(this.#scheduler, io.clock) : undefined;
      let code: number | undefined;
      const hasOutcome = outcome?.code.then((known) => code = known) ?? new Promise<never>(() => {});
      this.#scheduler.start();
      await Promise.race([this.#signalled.promise, hasOutcome]);
      outcome?.cancel();
      if (outcome?.message !== undefined) this.#log[code === EXIT.ok ? "info" : "error"](outcome.message);
      // run.stopAfter() stops it once the outcome is recorded
      if (code !== undefined && outcome?.message === undefined) await this.#untilStopped();
      else await this.#scheduler.stop();
      // a program whose run has lost its lease may go on for the grace
      await this.#current?.ended.catch(() => {});
      if (!outcome) return this.#isKilled ? EXIT.failed : EXIT.ok;
      return code ?? EXIT.failed;
    } finally {
      stopListening();
    }
  }

  /** Returns the time from the start of the last run to the next due time. That of a run elsewhere is not known, and taken to be like the next. */
  #gapMs(): number {
    const { dueTimes } = this.#settings;
    if ("interval" in dueTimes) return dueTimes.interval;
    const after = (ms: number): number => dueTimes.schedule.next(new Date(ms))?.getTime() ?? Infinity;
    if (this.#startedMs !== undefined) return Math.min(after(this.#startedMs) - this.#startedMs, NO_RETRY_MS);
    const nowMs = this.#invocation.io.clock.nowMs();
    const dueMs = after(nowMs);
    return Math.min(dueMs < Infinity ? Math.max(dueMs - nowMs, after(dueMs) - dueMs) : Infinity, NO_RETRY_MS);
  }

  async #untilStopped(): Promise<void> {
    const { clock } = this.#invocation.io;
    while (this.#scheduler.state !== "stopped") await delay(clock, STOP_POLL_MS, new AbortController().signal);
  }

  async #runProgram(run: Run): Promise<void> {
    const { io, program } = this.#invocation;
    if (this.#signal !== undefined) {
      this.#leaveRun();
      throw new Error("stopped");
    }
    if (this.#settings.isOnce) run.stopAfter();
    this.#startedMs = run.started.getTime();
    const current = new ProgramRun(run, { io, program, settings: this.#settings, renewals: this.#renewals });
    this.#current = current;
    try {
      await current.ended;
    } catch (error) {
      if (this.#signal !== undefined) this.#leaveRun();
      throw error;
    } finally {
      this.#current = undefined;
    }
  }

  /** Leaves the run to another replica, as if it had not begun. */
  #leaveRun(): void {
    this.#scheduler.stop({ abort: true }).catch(() => {});
  }

  #onSignal(signal: EndSignal): void {
    const nowMs = this.#invocation.io.clock.monotonicMs();
    if (this.#signal === undefined) this.#signalMs = nowMs;
    const isAgain = this.#signal !== undefined && signal === "SIGINT" && nowMs - this.#signalMs >= AGAIN_MS;
    this.#signal ??= signal;
    this.#signalled.resolve();
    if (isAgain && this.#current) this.#isKilled = true;
    this.#current?.signal(isAgain ? "SIGKILL" : signal);
  }
}
