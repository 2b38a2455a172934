// Schedulers that share requests, with each fault during a run: on fakes and, if the environment names them, on Google's emulators.

import type { StatusStore } from "../../../mod.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { faultTest, surviveFault, until } from "../helpers/outage.ts";
import { type DatabaseKind, KINDS } from "./setup.ts";

/** What happens to a request in place of its answer. */
interface RequestFault {
  /** Whether it takes effect. */
  readonly takesEffect?: boolean;
  /** The status of its answer. Without one, the connection is cut, or nothing happens at all. */
  readonly status?: number;
  readonly hangs?: boolean;
}

/** A fault of a store. */
interface Outage {
  readonly fault: RequestFault;
  /** Whether only writes fail. */
  readonly ofWrites?: boolean;
  /** The error that is logged. */
  readonly logs: RegExp;
}

/** How many schedulers share the store. */
const SCHEDULERS = 3;

const OUTAGES: Readonly<Record<string, Outage>> = {
  "connections cut before the commit": { fault: {}, logs: /no answer \(connection closed/ },
  "connections cut after the commit": { fault: { takesEffect: true }, logs: /no answer \(connection closed/ },
  "a service that hangs": { fault: { hangs: true }, logs: /no usable answer within/ },
  "a service that is overloaded": { fault: { status: 503 }, logs: /503/ },
  "a token that is refused": { fault: { status: 401 }, logs: /401/ },
  "no permission to write": { fault: { status: 403 }, ofWrites: true, logs: /403/ },
};

/** A `fetch` with faults. */
class FaultyFetch {
  readonly #fetch: typeof globalThis.fetch;
  outage: Outage | undefined;

  constructor(fetch: typeof globalThis.fetch) {
    this.#fetch = fetch;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const isWrite = /:(commit|batchWrite)$/.test(String(input));
    const { fault, ofWrites = false } = this.outage ?? {};
    if (!fault || ofWrites && !isWrite) return await this.#fetch(input, init);
    if (fault.takesEffect) await (await this.#fetch(input, init)).body?.cancel();
    const { signal } = init ?? {};
    if (fault.hangs) await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    if (fault.status === undefined) throw new TypeError("connection closed before message completed");
    return new Response("{}", { status: fault.status });
  };
}

/** Requires that all schedulers of a store survive a fault that begins during a run of each. */
async function survive(store: StatusStore, faulty: FaultyFetch, outage: Outage): Promise<void> {
  let [begun, failed] = [0, 0];
  const begin = async (): Promise<void> => {
    if (++begun === SCHEDULERS) faulty.outage = outage;
    await until(() => begun === SCHEDULERS, "a run of each task");
  };
  const end = async (): Promise<void> => {
    if (++failed === SCHEDULERS) faulty.outage = undefined;
    await until(() => failed === SCHEDULERS, "a failed call of each task");
  };
  const fault = { begin, end, logs: outage.logs };
  await Promise.all(Array.from({ length: SCHEDULERS }, () => surviveFault(store, fault)));
}

async function surviveAll(t: Deno.TestContext, kind: DatabaseKind, fetch: typeof globalThis.fetch): Promise<void> {
  const faulty = new FaultyFetch(fetch);
  const projectId = `project-${crypto.randomUUID().slice(0, 8)}`;
  const endpoint = Deno.env.get(kind.emulatorVariable) === undefined ? { apiEndpoint: "http://127.0.0.1:1" } : {};
  const store = kind.open({ projectId, requestTimeout: 1_000, fetch: faulty.fetch, ...endpoint });
  for (const [what, outage] of Object.entries(OUTAGES)) await t.step(what, () => survive(store, faulty, outage));
}

for (const kind of KINDS) {
  const what = "schedulers that share requests survive each fault";
  faultTest(`on the fake of ${kind.service}, ${what}`, (t) => surviveAll(t, kind, faultFetch(kind.make())));

  if (Deno.env.get(kind.emulatorVariable) === undefined) continue;
  faultTest(`on the ${kind.service} of ${kind.emulatorVariable}, ${what}`, (t) => surviveAll(t, kind, fetch));
}
