/**
 * A sink that remembers the highest term, as README advises, and what it was sent.
 *
 * @module
 */
import type { Scene } from "./scene.ts";
import type { RunSeen, Watcher } from "./seen.ts";

/** What each run writes to, in worlds whose tasks are left to chance. */
export class FencedSink implements Watcher {
  readonly #scene: Scene;
  readonly #owners = new Map<number, string>();
  #highest = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Takes what a run sends, or refuses it as a later run has been here. */
  write(term: number, owner: string): boolean {
    const scene = this.#scene;
    // replicas of the original have no terms, and ours are weak beside them
    if (scene.plan.replicas.some(({ isOriginal }) => isOriginal)) return true;
    const other = this.#owners.get(term) ?? owner;
    this.#owners.set(term, owner);
    scene.checked("fenced-sink");
    if (other !== owner) scene.broken("fenced-sink", `two runs have sent term ${term}`);
    if (term < this.#highest) return false;
    this.#highest = term;
    return true;
  }

  /** Whether what a run sends would be taken, as it should be if no claim has overtaken it. */
  began({ run: { term, owner }, number }: RunSeen): void {
    if (this.#scene.history.record.owner !== owner || term >= this.#highest) return;
    this.#scene.broken("fenced-sink", `run ${number} has term ${term}, and term ${this.#highest} has sent`);
  }
}
