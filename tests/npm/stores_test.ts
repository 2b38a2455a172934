// The stores run against fakes on this machine, fake-gcs-server if NEAT_FAKE_GCS_SERVER names its program, Redis if it is installed,
// the databases of @deno/kv, and PGlite.

import { assert } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { FakeDatastore } from "../helpers/fake_datastore.ts";
import { FakeFirestore } from "../helpers/fake_firestore.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { FakeS3 } from "../../internal/servers/fake_s3.ts";
import { startFakeGcsServer } from "../../internal/servers/fake_gcs_server.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import type { FaultService } from "../../internal/servers/fault_service.ts";
import { startHungServer } from "../../internal/servers/hung_server.ts";
import { findRedis, startRedis } from "../../internal/servers/redis.ts";
import { Consumer, type Loading } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { assertSuitePasses, bundleSuite, forEachProgram } from "./programs.ts";
import { checksByStore, type RedisPorts, type ServiceAddresses, type StoreAddresses } from "./store_checks.ts";

const DRIVERS = (["@deno/kv", "@electric-sql/pglite", "aws4fetch", "ioredis"] as const)
  .map((name) => config.imports[name].replace("npm:", ""));
const fakeGcsServer = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** The checks take some seconds on each runtime, and much longer on a busy machine. */
const LIMIT_MS = 600_000;

/** Servers that stop when it is disposed. */
class Servers implements AsyncDisposable {
  readonly #servers = new AsyncDisposableStack();

  /** Starts a service that works, one that hangs and one that fails. */
  #serve(create: () => FaultService): ServiceAddresses {
    const serve = (script: FaultService["script"]): string => {
      const service = create();
      service.script = script;
      return this.#servers.use(new FaultServer(service)).url;
    };
    return {
      working: serve(() => undefined),
      hung: serve(() => ({ ends: "never" })),
      failing: serve(() => ({ reply: { status: 503 } })),
    };
  }

  /** Starts all services. */
  async start(): Promise<Omit<StoreAddresses, "folder">> {
    const gcs = this.#serve(() => new FakeGcs());
    const addresses = {
      gcs,
      s3: this.#serve(() => new FakeS3()),
      datastore: this.#serve(() => new FakeDatastore()),
      firestore: this.#serve(() => new FakeFirestore()),
    };
    const redis = await this.#startRedis();
    const withRedis = redis ? { ...addresses, redis } : addresses;
    if (!fakeGcsServer) return withRedis;
    const { url } = this.#servers.use(await startFakeGcsServer(fakeGcsServer));
    return { ...withRedis, fakeGcsServer: { ...gcs, working: url } };
  }

  async #startRedis(): Promise<RedisPorts | undefined> {
    const server = await startRedis();
    if ("reason" in server) return undefined;
    this.#servers.use(server);
    const hung = this.#servers.use(startHungServer());
    return { working: server.port, hung: hung.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}

const without = (fakeGcsServer ? "" : ", without fake-gcs-server, as NEAT_FAKE_GCS_SERVER names none") +
  (await findRedis() ? "" : ", without Redis, as there is no redis-server");

packageTest(`every store passes its checks on each runtime${without}`, async (t) => {
  await using consumer = await Consumer.create(DRIVERS);
  const bundle = (loading: Loading): Promise<string> => bundleSuite(consumer, "stores_suite", loading);
  await forEachProgram(t, bundle, async (program) => {
    await using servers = new Servers();
    const folder = await Deno.makeTempDir({ dir: consumer.folder });
    const addresses: StoreAddresses = { ...await servers.start(), folder };
    // the checks of the source, which are those of the package
    const checks = Object.values(checksByStore(addresses)).flat().filter(({ skipped }) => skipped === undefined);
    assert(checks.length > 100, `${checks.length} checks`);
    await assertSuitePasses(consumer, program, checks.length, {
      env: { STORE_ADDRESSES: JSON.stringify(addresses) },
      limitMs: LIMIT_MS,
    });
  });
});
