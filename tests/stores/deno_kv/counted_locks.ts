import type { Kv } from "../../../stores/deno_kv.ts";

/** Wraps a database, and calls back whenever a commit fails because the database is locked. */
export function countLocks(kv: Kv, onLocked: () => void): Kv {
  const { list, watch } = kv;
  return {
    ...list && { list: (...call) => list.apply(kv, call) },
    ...watch && { watch: (...call) => watch.apply(kv, call) },
    get: (key, options) => kv.get(key, options),
    atomic: () => {
      const operation = kv.atomic();
      const commit = operation.commit.bind(operation);
      operation.commit = () =>
        commit().catch((error) => {
          if (`${error?.message}`.startsWith("database is locked")) onLocked();
          throw error;
        });
      return operation;
    },
  };
}
