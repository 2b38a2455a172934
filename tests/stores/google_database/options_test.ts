// Options of both databases.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { errorOf } from "../helpers/errors.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { environment } from "../helpers/globals.ts";
import { DATASTORE, FIRESTORE, KINDS, TOKEN } from "./setup.ts";

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);

  test("an emulator receives requests without the token, by its host or URL", async () => {
    for (
      const named of [
        "127.0.0.1:8432",
        "localhost:8432",
        "[::1]:8432",
        "http://127.0.0.1:8432",
        "http://127.0.0.1:8432/",
      ]
    ) {
      using _ = environment({ [kind.emulatorVariable]: named });
      const service = kind.make();
      const store = kind.open({
        projectId: "project",
        fetch: (input, init) => {
          assertEquals(new URL(`${input}`).host, named.replace("http://", "").replace("/", ""));
          return faultFetch(service)(input, init);
        },
        token: () => Promise.reject(new Error("must not be called")),
      });
      assertEquals(await store.read("task"), null);
      const sent = service.requests[0]?.headers.get("authorization");
      assertEquals(sent, kind === FIRESTORE ? "Bearer owner" : null);
    }
  });

  test("apiEndpoint is Google's by default", async () => {
    using _ = environment({ [kind.emulatorVariable]: undefined });
    const requestedUrls: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      requestedUrls.push(`${input}`);
      return Promise.resolve(new Response("", { status: 400 }));
    };
    const store = kind.open({ projectId: "project", fetch, token: () => TOKEN });
    await errorOf(store.read("task"));
    assertEquals(requestedUrls.map((url) => new URL(url).origin), [kind.host]);
  });

  test("projectId is read from the environment if absent, and required", async () => {
    const [before, after] = kind.projectVariables as [string, string];
    const projectOf = async (options: { projectId?: string }): Promise<string | undefined> => {
      const service = kind.make();
      const store = kind.open({
        ...options,
        apiEndpoint: "https://db.example",
        token: () => TOKEN,
        fetch: faultFetch(service),
      });
      await store.read("task");
      return /^\/v1\/projects\/([\w-]+)/.exec(service.requests[0]!.target)?.[1];
    };
    {
      using _ = environment({ [before]: "before", [after]: "after" });
      assertEquals([await projectOf({}), await projectOf({ projectId: "given" })], ["before", "given"]);
    }
    using _ = environment({ [before]: undefined, [after]: "after" });
    assertEquals(await projectOf({}), "after");
    using __ = environment({ [before]: "", [after]: "" });
    assertThrows(
      () => kind.open({}),
      TypeError,
      `Cannot create the ${kind.service} store as "projectId" must be given, or be in ${before} or ${after}: ` +
        "current value is undefined",
    );
  });

  test("the constructor throws for an option that can't be used, and names it", () => {
    const createError = `Cannot create the ${kind.service} store as`;
    for (
      const [option, value, Kind] of [
        ["projectId", 1, TypeError],
        ["projectId", "", RangeError],
        ["projectId", "a/b", RangeError],
        ["databaseId", null, TypeError],
        ["databaseId", "", RangeError],
        ["databaseId", "a/b", RangeError],
        ["databaseId", "(other)", RangeError],
        ["token", "a token", TypeError],
        ["fetch", {}, TypeError],
        ["apiEndpoint", "ftp://database.example", RangeError],
        ["requestTimeout", 0, RangeError],
        ["prefix", "a", TypeError],
        ...[kind === DATASTORE ? "kind" : "collection"].flatMap((name) => [
          [name, 1, TypeError] as const,
          ...["", "a/b", "%", ".", "..", "__a__", "\ud800", "日".repeat(501)].map((value) =>
            [name, value, RangeError] as const
          ),
        ]),
      ] as const
    ) {
      const options = { projectId: "project", [option]: value } as Record<string, unknown>;
      const error = assertThrows(() => kind.open(options), Kind);
      assertStringIncludes(error.message, `${createError} "${option}" `);
    }
    assertThrows(() => kind.open(1 as unknown as object), TypeError, `${createError} its options must be an object`);
  });
}
