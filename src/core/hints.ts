/**
 * The checks of a scheduler that follow hints of its store.
 *
 * @module
 */
import type { Settings } from "../settings.ts";
import type { StoreClient } from "../store/client.ts";
import type { Waiting } from "./explanation.ts";
import { HintedChecks } from "./hinted_checks.ts";
import type { Reporter } from "./reporter.ts";
import type { Wait } from "./step.ts";
import { Watcher, type WatcherOptions } from "./watcher.ts";

/** A hint so soon after a write of this replica is probably about that write, in milliseconds. */
const OWN_HINT_MS = 100;

/** The reasons of waits that a hint does not shorten: a failure must not be followed by more calls. */
const NOT_HINTED: readonly Waiting["reason"][] = ["due", "store-error", "schedule-error", "too-many-abandoned"];

/** The options of {@linkcode Hints}. */
export interface HintsOptions {
  readonly watch: WatcherOptions["watch"];
  readonly settings: Settings;
  readonly client: StoreClient;
  readonly reporter: Reporter;
  /** Called with each hint. */
  readonly onHint: () => void;
}

/** A check that follows a hint. */
interface HintedCheck {
  /** The version of the record that is known until the check. */
  readonly version: string | null | undefined;
}

/** Watches the record, and decides when a check follows a hint. */
export class Hints {
  readonly #options: HintsOptions;
  readonly #checks: HintedChecks;
  #watcher: Watcher | undefined;
  /** The check that a hint has caused; `undefined` if the next one has another cause. */
  #check: HintedCheck | undefined;

  /** The last write whose hint was dismissed. */
  #dismissedMs = -Infinity;

  /** Creates the hints of a scheduler. The watch starts later. */
  constructor(options: HintsOptions) {
    this.#options = options;
    this.#checks = new HintedChecks(options.settings.minCycleMs);
  }

  /** Starts the watch. */
  start(): void {
    const { watch, settings: { clock }, reporter, onHint } = this.#options;
    const onFailure = (...errors: unknown[]): void =>
      reporter.warn("the store cannot watch the record, checking as without", ...errors);
    this.#watcher = new Watcher({ watch, clock, onHint, onFailure });
  }

  /** Ends the watch. Resolves when the store has ended it. */
  async stop(): Promise<void> {
    await this.#watcher?.stop();
  }

  /** Whether a hint is probably about the last write of this replica. */
  get isAboutOwnWrite(): boolean {
    const { settings: { clock }, client } = this.#options;
    return clock.monotonicMs() - client.writtenMs < OWN_HINT_MS;
  }

  /** Returns the time of the check that follows a hint during a wait, or `undefined` if none follows. */
  checkMs({ waiting, dueMs, ignoresHints }: Wait): number | undefined {
    const { settings: { clock }, client } = this.#options;
    if (this.isAboutOwnWrite && this.#dismissedMs !== client.writtenMs) {
      // another hint so soon is about the write of somebody else
      this.#dismissedMs = client.writtenMs;
      return undefined;
    }
    if (ignoresHints || NOT_HINTED.includes(waiting.reason)) return undefined;
    const nowMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    // the first hint after the due time is probably about the claim, and another one follows at the end of the run; a paused
    // task is not claimed
    const isClaim = waiting.reason !== "paused" && dueMs !== undefined && nowMs >= dueMs && !this.#check;
    this.#check = { version: client.known?.version };
    const nextMs = this.#checks.nextMs(monotonicMs, clock.random(), isClaim ? client.lastRunMs : 0);
    return nowMs + nextMs - monotonicMs;
  }

  /** Notes the end of a check. If it followed a hint, the next one depends on whether it has found another version. */
  checked(): void {
    const { settings: { clock }, client } = this.#options;
    if (this.#check) this.#checks.checked(clock.monotonicMs(), client.known?.version !== this.#check.version);
    this.#check = undefined;
  }
}
