/**
 * `memory:`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { MemoryStore } from "../../src/store/memory_store.ts";
import { OPEN, type Scheme } from "./scheme.ts";

/** The memory of this process. */
export const MEMORY: Scheme = {
  names: ["memory"],
  example: "memory:",
  parameters: [],
  parts: {},
  open: (address) => {
    if (address.path === "") return Promise.resolve({ store: new MemoryStore() });
    return Promise.reject(new RangeError(cannot(OPEN, "its URL must be memory:", address.path)));
  },
};
