import { errorNote, load, type Order, type Starter, taskNames } from "./order.ts";

/** As much of the packages as is needed. */
interface Agenda {
  readonly Agenda: new (options: object) => {
    on(event: "error", listener: (error: unknown) => void): unknown;
    define(name: string, run: () => Promise<void>, options: object): void;
    start(): Promise<void>;
    every(interval: string, name: string): Promise<unknown>;
  };
}
interface Backend {
  readonly PostgresBackend: new (options: object) => object;
}

/** Each task is a job that repeats. It has no slots: the next run is due an interval after the last one began. */
export const startAgenda: Starter = async (order: Order, body, tell) => {
  const { at, intervalMs, pollMs, tasks, lease, connections } = order;
  const { Agenda } = await load<Agenda>("agenda");
  const { PostgresBackend } = await load<Backend>("@agendajs/postgres-backend");
  const agenda = new Agenda({
    backend: new PostgresBackend({
      poolConfig: { connectionString: at, ...(connections ? { max: connections } : {}) },
    }),
    maxConcurrency: Math.max(20, tasks),
    ...(pollMs === undefined ? {} : { processEvery: pollMs }),
  });
  agenda.on("error", (error) => tell(errorNote(error)));
  for (const name of taskNames(order)) {
    const options = { concurrency: 1, ...(lease ? { lockLifetime: lease.ms } : {}) };
    agenda.define(name, () => body(name, Date.now()), options);
  }
  await agenda.start();
  for (const name of taskNames(order)) await agenda.every(`${intervalMs / 1_000} seconds`, name);
};
