// Replicas and people that change one record at the same time, in an order that follows from a seed. The store delays its calls,
// loses answers, and lets failed writes take effect late.

import { MemoryStore, type StatusEntry, type StatusStore } from "../../mod.ts";
import {
  type ChangeResult,
  pauseTask,
  requestRun,
  resetTask,
  resumeTask,
  TaskRunningError,
} from "../../src/control.ts";
import { acquireClaim } from "../../src/core/claim.ts";
import { parseRecord } from "../../src/record/parse.ts";
import { NEVER_RUN, type StatusRecord } from "../../src/record/status_record.ts";
import { claimedRecord, completedRecord } from "../../src/record/transitions.ts";
import { StoreClient } from "../../src/store/client.ts";
import { SharedRecordStore } from "../../src/store/record_store.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { HOUR, RULES } from "../helpers/records.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { NAME } from "./setup.ts";

/** A write that took effect. */
export interface Effect {
  readonly by: "replica" | "person";
  readonly before: StatusRecord;
  readonly after: StatusRecord;
  readonly atMs: number;
}

/** A call of a control function that has returned. `id` is in the texts of its change. */
export interface Call {
  readonly kind: "pause" | "resume" | "request" | "reset";
  readonly id: string;
  readonly outcome: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A claim that was won, and that its replica has completed or released. */
export interface EndedClaim {
  readonly term: number;
  readonly owner: string;
}

/** What has happened. */
export interface Interleaving {
  readonly effects: readonly Effect[];
  readonly calls: readonly Call[];
  readonly claims: readonly EndedClaim[];
  readonly last: StatusRecord;
}

const REPLICAS = 2;
const PEOPLE = 3;
const CALLS_EACH = 4;

/** The longest delay of a call before and after its effect, and of a write that takes effect late, in milliseconds. */
const DELAY_MS = 40;
const LATE_MS = 300;

/** No write is lost by the end of its lease. */
const LEASE_MS = HOUR;

/** Plays an interleaving. */
export async function interleave(seed: number): Promise<Interleaving> {
  const world = new World(seed);
  const playing = world.play();
  await world.virtual.advance(10 * 60_000);
  return await playing;
}

class World {
  readonly virtual: VirtualTime = new VirtualTime();
  readonly #random: () => number;
  readonly #inner = new MemoryStore();
  readonly #effects: Effect[] = [];
  readonly #calls: Call[] = [];
  readonly #claims: EndedClaim[] = [];
  #people = PEOPLE;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  async play(): Promise<Interleaving> {
    const actors = [
      ...Array.from({ length: REPLICAS }, () => this.#replica()),
      ...Array.from({ length: PEOPLE }, (_, index) => this.#person(`person ${index}`).finally(() => this.#people--)),
    ];
    await Promise.all(actors);
    await this.virtual.delay(2 * LATE_MS);
    return { effects: this.#effects, calls: this.#calls, claims: this.#claims, last: await this.#record() };
  }

  /** Claims the record again and again, unless it is claimed or paused, until the people have gone. */
  async #replica(): Promise<void> {
    const clock = this.virtual.clock();
    const never = new AbortController().signal;
    const records = new SharedRecordStore(this.#store("replica"), { name: NAME, clock, leaseMs: LEASE_MS });
    const observer = { storeFailed() {}, storeAnswered() {}, warn() {} };
    const client = new StoreClient({ store: records, clock, rules: { ...RULES, leaseMs: LEASE_MS }, observer });
    while (this.#people > 0) {
      await this.#wait(2 * DELAY_MS);
      const read = await client.read();
      if (read.outcome === "failed") continue;
      const { found, version } = read.entry;
      const before = found.kind === "record" ? found.record : NEVER_RUN;
      if (before.state === "running" || before.pausedMs !== undefined) continue;
      const fields = { startedMs: this.virtual.nowMs, scheduledMs: this.virtual.nowMs, leaseMs: LEASE_MS };
      const record = claimedRecord(before, {
        ...fields,
        term: before.term + 1,
        dueMs: undefined,
        instance: "replica",
        standbys: before.standbys,
      });
      const context = { client, clock, minCycleMs: 1_000 };
      const { outcome, ...won } = await acquireClaim(context, record, version, { cancel: never, stop: never });
      if (outcome !== "won" || !("claim" in won)) continue;
      const { claim } = won;
      while (this.#isLikely(0.6)) {
        await this.#wait(DELAY_MS);
        await claim.renew(LEASE_MS, never);
      }
      const end = { outcome: "finished", durationMs: 1, finishedMs: this.virtual.nowMs } as const;
      if (this.#isLikely(0.3)) await claim.release(before, never);
      else await claim.complete(completedRecord(claim.record, end), never);
      this.#claims.push({ term: record.term, owner: record.owner });
    }
  }

  /** Calls control functions, one after the other. */
  async #person(name: string): Promise<void> {
    for (let count = 0; count < CALLS_EACH; count++) {
      await this.#wait(4 * DELAY_MS);
      const kinds = ["pause", "resume", "resume", "request", "request", "reset"] as const;
      const kind = kinds[Math.floor(this.#random() * kinds.length)] ?? "request";
      const id = `${name}, call ${count}`;
      const fromMs = this.virtual.nowMs;
      const outcome = await this.#change(kind, id);
      this.#calls.push({ kind, id, outcome, fromMs, toMs: this.virtual.nowMs });
    }
  }

  async #change(kind: Call["kind"], id: string): Promise<string> {
    const store = this.#store("person");
    const options = { clock: this.virtual.clock() };
    const changes: Record<Call["kind"], () => Promise<ChangeResult<string>>> = {
      pause: () => pauseTask(store, NAME, { ...options, by: id, create: true }),
      resume: () => resumeTask(store, NAME, options),
      request: () => requestRun(store, NAME, { ...options, by: id, create: true }),
      reset: () => resetTask(store, NAME, options),
    };
    try {
      return (await changes[kind]()).outcome;
    } catch (error) {
      if (error instanceof TaskRunningError) return "refused";
      // a read failed before anything was written, or there is no record yet
      return `failed: ${error}`;
    }
  }

  /** The store, as a replica or a person reaches it. */
  #store(by: Effect["by"]): StatusStore {
    return {
      read: async (key): Promise<StatusEntry | null> => {
        await this.#wait(DELAY_MS);
        if (this.#isLikely(0.05)) throw new Error("no connection");
        const entry = await this.#inner.read(key);
        await this.#wait(DELAY_MS);
        return entry;
      },
      write: async (key, value, version): Promise<string | null> => {
        const effect = async (): Promise<string | null> => {
          const before = await this.#record();
          const written = await this.#inner.write(key, value, version);
          if (written !== null) {
            this.#effects.push({ by, before, after: await this.#record(), atMs: this.virtual.nowMs });
          }
          return written;
        };
        await this.#wait(DELAY_MS);
        if (this.#isLikely(0.1)) throw new Error("no connection");
        if (this.#isLikely(0.1)) {
          this.#wait(LATE_MS).then(effect);
          throw new Error("no connection");
        }
        const written = await effect();
        await this.#wait(DELAY_MS);
        if (this.#isLikely(0.1)) throw new Error("no answer");
        return written;
      },
    };
  }

  async #record(): Promise<StatusRecord> {
    const entry = await this.#inner.read(NAME);
    const found = parseRecord(entry?.value ?? null);
    return found.kind === "record" ? found.record : NEVER_RUN;
  }

  #isLikely(probability: number): boolean {
    return this.#random() < probability;
  }

  #wait(maxMs: number): Promise<void> {
    return this.virtual.delay(this.#random() * maxMs);
  }
}
