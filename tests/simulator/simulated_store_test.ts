import { assert, assertEquals } from "@std/assert";
import { SimulatedStore } from "../../src/simulator/simulated_store.ts";
import { newProcess } from "./process_fixture.ts";

for (const sharesVersions of [false, true]) {
  Deno.test(`SimulatedStore replaces the record only at its version, if equal records ${sharesVersions ? "share" : "do not share"} versions`, async () => {
    const { process, advance } = newProcess();
    const store = new SimulatedStore({ sharesVersions, clock: () => 5 });
    const client = store.client(process);
    const [first, second] = [new Uint8Array([1]), new Uint8Array([2])];
    const calls = (async () => {
      assertEquals(await client.read("key"), null);
      const version = await client.write("key", first, null);
      assertEquals(await client.write("key", second, null), null);
      assertEquals(await client.read("key"), { value: first, version: version!, storeTime: 5 });
      const next = await client.write("key", second, version);
      assert(typeof next === "string" && next !== version);
      assertEquals((await client.write("key", first, next)) === version, sharesVersions);
    })();
    await advance(1_000);
    await calls;
  });
}
