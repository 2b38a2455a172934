/**
 * A sink that checks the term, as README advises.
 *
 * @module
 */
import { type CheckContext, hasDartReplicas } from "./check_context.ts";
import type { ObservedRun, Observer } from "./observations.ts";

/** The sink that the runs of random tasks write to. */
export class FencedSink implements Observer {
  readonly #context: CheckContext;
  readonly #owners = new Map<number, string>();
  #highestTerm = 0;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** Writes for a run. Returns false, and writes nothing, if a later run has written before. */
  write(term: number, owner: string): boolean {
    const context = this.#context;
    // replicas of the original drop the term
    if (hasDartReplicas(context)) return true;
    const other = this.#owners.get(term) ?? owner;
    this.#owners.set(term, owner);
    context.checked("fenced-sink");
    if (other !== owner) context.broken("fenced-sink", `two runs have written with term ${term}`);
    if (term < this.#highestTerm) return false;
    this.#highestTerm = term;
    return true;
  }

  /** A run that holds the record must be able to write. */
  runStarted({ run: { term, owner }, number }: ObservedRun): void {
    if (this.#context.history.record.owner !== owner || term >= this.#highestTerm) return;
    const text = `run ${number} has term ${term} after a write with term ${this.#highestTerm}`;
    this.#context.broken("fenced-sink", text);
  }
}
