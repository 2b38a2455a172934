import { assertEquals, assertThrows } from "@std/assert";
import { EtcdStore, type EtcdStoreOptions } from "../../../stores/etcd.ts";

const ENDPOINT = "http://127.0.0.1:2379";

/** Options that are refused, with a part of the message. */
const REFUSED: readonly [options: unknown, type: typeof RangeError | typeof TypeError, message: string][] = [
  [undefined, TypeError, "its options must be an object"],
  [{}, TypeError, '"endpoint" must be an address or a list'],
  [{ endpoint: [] }, TypeError, '"endpoint" must be an address or a list'],
  [{ endpoint: [ENDPOINT, 5] }, TypeError, '"endpoint" must be an address or a list'],
  [{ endpoint: "127.0.0.1:2379" }, RangeError, '"endpoint" must be an http: or https: URL'],
  [{ endpoint: "http://tasks:hidden-password@h:2379" }, RangeError, "//[secret]@h:2379"],
  [{ endpoints: [ENDPOINT] }, TypeError, 'did you mean "endpoint"?'],
  [{ endpoint: ENDPOINT, user: "tasks" }, TypeError, '"password" is required, as there is "user"'],
  [{ endpoint: ENDPOINT, password: "hidden-password" }, TypeError, '"user" is required, as there is "password"'],
  [{ endpoint: ENDPOINT, user: "", password: "hidden-password" }, RangeError, '"user" must not be empty'],
  [{ endpoint: ENDPOINT, prefix: "\ud800" }, RangeError, '"prefix" must be without lone surrogates'],
  [{ endpoint: ENDPOINT, requestTimeout: 0 }, RangeError, '"requestTimeout" must be'],
  [{ endpoint: ENDPOINT, watch: "yes" }, TypeError, '"watch" must be'],
];

for (const [options, type, message] of REFUSED) {
  Deno.test(`EtcdStore refuses wrong options, and shows no password: ${message}`, () => {
    const error = assertThrows(() => new EtcdStore(options as EtcdStoreOptions), type, message);
    assertEquals(error.message.includes("hidden-password"), false, error.message);
  });
}

Deno.test("EtcdStore has a watch unless it is told otherwise", () => {
  assertEquals(typeof new EtcdStore({ endpoint: ENDPOINT }).watch, "function");
  assertEquals(new EtcdStore({ endpoint: ENDPOINT, watch: false }).watch, undefined);
});
