/**
 * The command `run`: any program as a task among replicas.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import { NeatPeriodicTaskScheduler } from "../../scheduler.ts";
import { delay } from "../../time/delay.ts";
import { type Command, type Invocation, STORE_OPTION } from "../command.ts";
import { deferred } from "../deferred.ts";
import { EXIT } from "../exit_code.ts";
import type { EndSignal } from "../io.ts";
import { onceOutcome } from "../run/once.ts";
import { ProgramRun } from "../run/program_run.ts";
import { RenewalStore } from "../run/renewals.ts";
import { runLog } from "../run/run_log.ts";
import { RUN_OPTIONS, type RunSettings, runSettingsOf, schedulerTimeoutMs } from "../run/run_settings.ts";
import { type StoreAccess, withStore } from "../store_access.ts";

/** Runs a program as a task. */
export const RUN: Command = {
  name: "run",
  summary: "run a program as a task among replicas",
  positionals: [],
  takesProgram: true,
  options: { ...STORE_OPTION, ...RUN_OPTIONS },
  details: ["Ends with SIGTERM or Ctrl-C. The program gets the signal; a second one kills it."],
  run: async (invocation) => {
    const settings = await runSettingsOf(invocation);
    return await withStore(invocation, (access) => new ProgramTask(invocation, settings, access).run());
  },
};

/** How often the scheduler is asked whether it has stopped, in milliseconds. */
const STOP_POLL_MS = 10;

/** A scheduler whose task is a program. */
class ProgramTask {
  readonly #invocation: Invocation;
  readonly #settings: RunSettings;
  readonly #scheduler: NeatPeriodicTaskScheduler;
  readonly #renewals: RenewalStore;
  #current: ProgramRun | undefined;
  /** The first signal; absent before it. */
  #signal: EndSignal | undefined;
  readonly #signalled = deferred<void>();

  constructor(invocation: Invocation, settings: RunSettings, { store, redact }: StoreAccess) {
    this.#invocation = invocation;
    this.#settings = settings;
    const { leaseMs } = settings;
    this.#renewals = new RenewalStore(store, invocation.io.clock);
    this.#scheduler = new NeatPeriodicTaskScheduler({
      name: settings.name,
      ...settings.dueTimes,
      timeout: schedulerTimeoutMs(settings),
      retryDelay: settings.retryDelayMs,
      ...(leaseMs === undefined ? {} : { heartbeatTimeout: leaseMs }),
      instance: settings.instance,
      // an abandoned program still runs, and another run would overlap it
      maxAbandoned: 0,
      store: this.#renewals,
      clock: invocation.io.clock,
      log: runLog(invocation.io, invocation.isJson, redact),
      task: (run) => this.#runProgram(run),
    });
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
      if (outcome?.message !== undefined) io.stderr.write(`${outcome.message}\n`);
      // run.stopAfter() stops it once the outcome is recorded
      if (code !== undefined && outcome?.message === undefined) await this.#untilStopped();
      else await this.#scheduler.stop();
      // a program whose run has lost its lease may go on for the grace
      await this.#current?.ended.catch(() => {});
      if (!outcome) return EXIT.ok;
      return code ?? EXIT.failed;
    } finally {
      stopListening();
    }
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
    const isFirst = this.#signal === undefined;
    this.#signal ??= signal;
    this.#signalled.resolve();
    this.#current?.signal(isFirst ? signal : "SIGKILL");
  }
}
