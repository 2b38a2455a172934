// Each store of the installed package passes the checks of the installed test kit, on each runtime, against fakes on a port of this
// machine, fake-gcs-server if NEAT_FAKE_GCS_SERVER names it, and the databases of @deno/kv.

import { assert } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { FakeDatastore } from "../helpers/fake_datastore.ts";
import { FakeFirestore } from "../helpers/fake_firestore.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { startFakeGcsServer } from "../../internal/servers/fake_gcs_server.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import type { FaultService } from "../../internal/servers/fault_service.ts";
import { Consumer, SKIPPED, TARBALL } from "./consumer.ts";
import { bundled, mustPass, onEach } from "./programs.ts";
import { type Addresses, checksOf, type Places } from "./store_kinds.ts";

const DENO_KV = config.imports["@deno/kv"].replace("npm:", "");
const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** Servers, which all end when it is disposed of. */
class Servers implements AsyncDisposable {
  readonly #servers = new AsyncDisposableStack();

  /** Serves a service that works, one that hangs and one that fails. */
  serve(make: () => FaultService): Addresses {
    const serve = (script: FaultService["script"]): string => {
      const service = make();
      service.script = script;
      return this.#servers.use(new FaultServer(service)).url;
    };
    return {
      working: serve(() => undefined),
      hung: serve(() => ({ ends: "never" })),
      failing: serve(() => ({ reply: { status: 503 } })),
    };
  }

  /** All places but the folder. */
  async places(): Promise<Omit<Places, "folder">> {
    const gcs = this.serve(() => new FakeGcs());
    const databases = {
      datastore: this.serve(() => new FakeDatastore()),
      firestore: this.serve(() => new FakeFirestore()),
    };
    if (!binary) return { gcs, ...databases };
    const { url } = this.#servers.use(await startFakeGcsServer(binary));
    return { gcs, ...databases, fakeGcsServer: { ...gcs, working: url } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers.disposeAsync();
  }
}

const where = binary ? "" : ", without fake-gcs-server, as NEAT_FAKE_GCS_SERVER names none";

Deno.test({
  name: `every store passes its checks on each runtime${where}${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using consumer = await Consumer.create([DENO_KV]);
    const bundle = (loading: "esm" | "cjs"): Promise<string> => bundled(consumer, "stores_suite", loading);
    await onEach(t, consumer, bundle, async (program) => {
      await using servers = new Servers();
      const folder = await Deno.makeTempDir({ dir: consumer.folder });
      const places: Places = { ...await servers.places(), folder };
      await consumer.write("places.json", JSON.stringify(places));
      // of the source: the package has the same checks
      const checks = Object.values(checksOf(places)).flat().filter(({ skipped }) => skipped === undefined);
      assert(checks.length > 100);
      await mustPass(consumer, program, checks.length);
    });
  },
});
