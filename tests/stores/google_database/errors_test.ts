// Errors of both databases.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { errorReply } from "../../helpers/fake_database.ts";
import { errorOf } from "../helpers/errors.ts";
import { KINDS, RECORD, setUp, storeOn } from "./setup.ts";

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);
  const readError = `Cannot read the record at ${kind.address}`;
  const writeError = `Cannot write the record at ${kind.address}`;

  test("HTTP 403 and 400 name the record, the permission and the role", async () => {
    const { service, store } = setUp(kind);
    service.script = () => ({ reply: errorReply("PERMISSION_DENIED", "Missing or insufficient permissions.") });
    const state = (permission: string): string =>
      `the account may lack ${permission}, which roles/datastore.user has: ` +
      "current value is HTTP 403 (Missing or insufficient permissions.)";
    assertEquals((await errorOf(store.read("task"))).message, `${readError} as ${state("datastore.entities.get")}`);
    for (const [version, permission] of [[null, "create"], [kind.oldVersion, "update"]] as const) {
      const { message } = await errorOf(store.write("task", RECORD, version));
      assertEquals(message, `${writeError} as ${state(`datastore.entities.${permission}`)}`);
    }
    service.script = () => ({ reply: errorReply("INVALID_ARGUMENT", "Bad.") });
    assertStringIncludes((await errorOf(store.read("task"))).message, "datastore.entities.get");
    assertStringIncludes((await errorOf(store.read("task"))).message, ": current value is HTTP 400 (Bad.)");
    assertEquals(service.requests.length, 5);
  });

  test("a call throws if the database does not exist", async () => {
    const { service, store } = setUp(kind);
    service.databases.clear();
    const state =
      `as project "project" may have no default database for ${kind.service}: current value is HTTP 404 (The database`;
    assertStringIncludes((await errorOf(store.read("task"))).message, `${readError} ${state}`);
    assertStringIncludes((await errorOf(store.write("task", RECORD, null))).message, `${writeError} ${state}`);
    const named = storeOn(kind, service, { databaseId: "db" });
    assertStringIncludes((await errorOf(named.read("task"))).message, 'may have no database "db" for');
  });

  test("write() throws for an error that is not the service's", async () => {
    const { service, store } = setUp(kind);
    for (const status of [302, 400, 404, 409, 412]) {
      service.script = () => ({ reply: { status, body: "<html>Not here</html>" } });
      for (const version of [null, kind.oldVersion]) {
        const { message } = await errorOf(store.write("task", RECORD, version));
        assertMatch(message, new RegExp(`: current value is HTTP ${status}$`));
      }
      assertMatch((await errorOf(store.read("task"))).message, new RegExp(`: current value is HTTP ${status}$`));
    }
  });

  test("write() throws for a code that does not fit its condition", async () => {
    const { service, store } = setUp(kind);
    for (const [version, code] of [[null, "NOT_FOUND"], [kind.oldVersion, "ALREADY_EXISTS"]] as const) {
      service.script = () => ({ reply: errorReply(code, "No.") });
      assertStringIncludes((await errorOf(store.write("task", RECORD, version))).message, "(No.)");
    }
  });

  test("a call throws for an unexpected answer", async () => {
    const { service, store } = setUp(kind);
    for (
      const body of [
        "",
        "<html>",
        "null",
        "{}",
        "[]",
        "[null]",
        '{"found":[{}],"mutationResults":[{}],"writeResults":[{}]}',
      ]
    ) {
      service.script = () => ({ reply: { status: 200, body } });
      assertStringIncludes((await errorOf(store.read("task"))).message, `${readError} as the answer must hold a`);
      assertStringIncludes(
        (await errorOf(store.write("task", RECORD, null))).message,
        `${writeError} as the answer must hold the new `,
      );
    }
  });
}
