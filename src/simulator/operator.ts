/**
 * The operator of a task, who requests runs and pauses the task from a machine of his own.
 *
 * @module
 */
import { pauseTask, requestRun, resumeTask } from "../control.ts";
import type { StatusStore } from "../store/store.ts";
import type { Environment } from "./environment.ts";
import { Machine, OPERATOR_INDEX } from "./machine.ts";
import type { ObservedChange, Observer } from "./observations.ts";
import type { OperatorPlan } from "./operator_plan.ts";
import { Process } from "./process.ts";
import { TASK_NAME } from "./start_scheduler.ts";

/** The first wait before a change is tried again that was not confirmed. Each further wait is twice as long. */
const RETRY_MS = 1_000;
const ATTEMPTS = 12;

/** Changes the record from outside, as a plan says. */
export class Operator implements Observer {
  readonly #environment: Environment;
  readonly #process: Process;
  readonly #store: StatusStore;
  /** What waits for the next run. */
  #waiting: OperatorPlan[] = [];
  /** Pauses follow one another. */
  #pausing: Promise<void> = Promise.resolve();

  constructor(environment: Environment, newStore: (process: Process) => StatusStore) {
    const { clock, plan: { seed, operator } } = environment;
    const traits = { index: OPERATOR_INDEX, offsetMs: 0, rate: 1, lagMs: 0, obeysSignals: true };
    this.#environment = environment;
    this.#process = new Process(environment, new Machine(clock, seed, traits));
    this.#store = newStore(this.#process);
    for (const plan of operator) {
      clock.at(plan.atMs, () => plan.isDuringRun ? void this.#waiting.push(plan) : this.#act(plan));
    }
  }

  runStarted(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const plan of waiting) this.#environment.clock.after(plan.delayMs, () => this.#act(plan));
  }

  #act(plan: OperatorPlan): void {
    const { stats, isEnding } = this.#environment;
    if (isEnding) return;
    stats.countFault(plan.kind === "request" ? "requestRun" : "pauseTask");
    if (plan.kind === "request") void this.#change("request", plan.creates);
    else this.#pausing = this.#pausing.then(() => this.#pause(plan));
  }

  async #pause({ lengthMs, creates }: OperatorPlan): Promise<void> {
    if (!await this.#change("pause", creates)) return;
    await this.#process.sleep(lengthMs);
    for (let attempt = 0; attempt < ATTEMPTS && !this.#environment.isEnding; attempt++) {
      if (await this.#change("resume", false)) return;
      await this.#process.sleep(RETRY_MS * 2 ** attempt);
    }
  }

  /** Makes a change. Returns whether it is known to be made. */
  async #change(kind: ObservedChange["kind"], create: boolean): Promise<boolean> {
    const { history, trace, nowMs } = this.#environment;
    const change: ObservedChange = { kind, calledMs: nowMs, isDone: undefined };
    trace.add(this.#process, kind);
    history.notify("changeCalled", change);
    try {
      const { outcome } = await this.#call(kind, create);
      change.isDone = true;
      trace.add(this.#process, "answer", outcome);
    } catch (error) {
      change.isDone = false;
      trace.add(this.#process, "answer", (error as Error).name);
    }
    history.notify("changeSettled", change);
    return change.isDone;
  }

  #call(kind: ObservedChange["kind"], create: boolean): Promise<{ outcome: string }> {
    const { clock } = this.#process;
    const by = this.#process.name;
    if (kind === "request") return requestRun(this.#store, TASK_NAME, { by, create, clock });
    if (kind === "pause") return pauseTask(this.#store, TASK_NAME, { by, create, clock, reason: "simulation" });
    return resumeTask(this.#store, TASK_NAME, { clock });
  }
}
