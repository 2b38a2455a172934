import { errorEvent, load, type ReplicaRequest, type StartReplica, taskNames } from "./protocol.ts";

/** The parts of the packages that are used. */
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

/** Each task is a repeated job. It has no fixed due times: the next run is due an interval after the last one started. */
export const startAgenda: StartReplica = async (request: ReplicaRequest, runTask, emit) => {
  const { storeUrl, intervalMs, pollMs, tasks, lease, connections } = request;
  const { Agenda } = await load<Agenda>("agenda");
  const { PostgresBackend } = await load<Backend>("@agendajs/postgres-backend");
  const agenda = new Agenda({
    backend: new PostgresBackend({
      poolConfig: { connectionString: storeUrl, ...(connections ? { max: connections } : {}) },
    }),
    maxConcurrency: Math.max(20, tasks),
    ...(pollMs === undefined ? {} : { processEvery: pollMs }),
  });
  agenda.on("error", (error) => emit(errorEvent(error)));
  for (const name of taskNames(request)) {
    const options = { concurrency: 1, ...(lease ? { lockLifetime: lease.ms } : {}) };
    agenda.define(name, () => runTask(name, Date.now()), options);
  }
  await agenda.start();
  for (const name of taskNames(request)) await agenda.every(`${intervalMs / 1_000} seconds`, name);
};
