import type { Mutant } from "./mutant.ts";

const STATUS = "src/status.ts";
const MEMORY = "src/memory_store.ts";

/** Faults in the record, and in the store in memory. */
export const RECORDS: readonly Mutant[] = [
  {
    name: "store in memory without conditions",
    file: MEMORY,
    old: "    if ((this.#entries.get(key)?.version ?? null) !== version) return null;\n",
    new: "",
    breaks: "1: a version has many successors",
  },
  {
    name: "store in memory with equal versions",
    file: MEMORY,
    old: "String(++this.#writes)",
    new: "String(this.#writes)",
    breaks: "1: a version has many successors",
  },
  {
    name: "term not written",
    file: STATUS,
    old: "    term,\n    lease,",
    new: "    lease,",
    breaks: "1: replicas count terms each on their own",
  },
  {
    name: "highest term not remembered",
    file: "src/replica.ts",
    old: "this.term = Math.max(this.term, term);",
    new: "this.term = term;",
    breaks: "1: a replica of the original drops the term, and it starts again",
  },
  {
    name: "due time not written",
    file: STATUS,
    old: "...timesOf(status, iso),",
    new: "...timesOf({ ...status, scheduledMs: undefined }, iso),",
    breaks: "6: the grid drifts",
  },
  {
    name: "error not cut",
    file: STATUS,
    old: "error.slice(0, MAX_ERROR_LENGTH)",
    new: "error",
    breaks: "the record grows beyond 4 KiB",
  },
  {
    name: "odd times not warned of",
    file: "src/replica.ts",
    old: "    if (odd.length) this.say",
    new: "    if (odd.length > 99) this.say",
    breaks: "nobody is told that a clock is wrong",
  },
];
