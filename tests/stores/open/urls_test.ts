import { openStore } from "@neat/periodic-task/stores/open";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { StoreAddress } from "../../../stores/open/address.ts";
import { schemes } from "../../../stores/open/schemes.ts";

/** The parts of a URL as its scheme reads them. */
function addressOf(text: string): StoreAddress {
  const url = new URL(text);
  const scheme = schemes().find(({ names }) => names.includes(url.protocol.slice(0, -1)));
  assert(scheme, text);
  return new StoreAddress(url, scheme);
}

Deno.test("a URL is read into decoded parts", () => {
  const cases: readonly [url: string, parts: Partial<StoreAddress>][] = [
    ["postgres://us%40er:p%23%2Fss@db.example:6432/my%20tasks?table=t", {
      scheme: "postgres",
      host: "db.example",
      port: 6432,
      user: "us@er",
      password: "p#/ss",
      name: "my tasks",
    }],
    ["postgresql:///tasks", { scheme: "postgresql", host: "", port: undefined, user: undefined, name: "tasks" }],
    ["postgres://HOST", { host: "HOST", name: undefined }],
    ["rediss://:secret@[::1]:6380/2", {
      scheme: "rediss",
      host: "::1",
      password: "secret",
      user: undefined,
      name: "2",
    }],
    ["mysql://root@h/tasks", { user: "root", password: undefined, name: "tasks" }],
    ["sqlite:./tasks.db", { path: "./tasks.db" }],
    ["sqlite:../tasks.db?table=t", { path: "../tasks.db" }],
    ["sqlite:/var/lib/my%20tasks.db", { path: "/var/lib/my tasks.db" }],
    ["sqlite:///var/lib/tasks.db", { path: "/var/lib/tasks.db" }],
    ["sqlite::memory:", { path: ":memory:" }],
    ["sqlite:C:/data/tasks.db", { path: "C:/data/tasks.db" }],
    ["deno-kv:", { path: "" }],
    ["deno-kv:https://api.deno.com/databases/ID/connect", { path: "https://api.deno.com/databases/ID/connect" }],
    ["s3://My.bucket/a/b/?region=eu-west-1", { host: "My.bucket", name: "a/b/" }],
    ["etcds://us%40er:p%2Fss@[::1]:2380/my/tasks", {
      scheme: "etcds",
      host: "::1",
      port: 2380,
      user: "us@er",
      password: "p/ss",
      name: "my/tasks",
    }],
    ["datastore://my-project", { host: "my-project", name: undefined }],
    ["firestore:///tasks", { host: "", name: "tasks" }],
  ];
  for (const [url, parts] of cases) {
    const address = addressOf(url);
    const found = Object.fromEntries(Object.keys(parts).map((name) => [name, address[name as keyof StoreAddress]]));
    assertEquals(found, parts as Record<string, unknown>, url);
  }
});

Deno.test("timeout has a unit, or is a number of milliseconds", () => {
  for (const [text, ms] of [["500", 500], ["500ms", 500], ["2.5s", 2_500], ["1m", 60_000]] as const) {
    assertEquals(addressOf(`redis://h?timeout=${text}`).timeoutMs, ms, text);
  }
  assertEquals(addressOf("redis://h").timeoutMs, undefined);
});

/** URLs that are refused, with a part of the message. */
const REFUSED: readonly [url: string, message: string][] = [
  ["", "its URL must not be empty"],
  ["tasks.db", "it must be a URL"],
  [
    "postgre://u:secret@h/db",
    'its URL has an unknown scheme, did you mean "postgres:"?: current value is "postgre:"',
  ],
  ["mongodb://u:secret@h", "its URL has an unknown scheme, known ones are postgres, postgresql, redis, rediss, mysql"],
  ["postgres://u:se#cret@h/db", "it must be a URL, with special characters of a password percent-encoded"],
  ["postgres://u:se/cret@h/db", "it must be a URL"],
  ["postgres://u:12/secret@h/db", 'must have no "@" in its path (write / of a password as %2F)'],
  ["postgres://u:12?secret@h/db", "an unknown parameter, known ones are schema, table,"],
  ["postgres://u:secret%@h/db", "the password of its URL must write % as %25"],
  ["postgres://h/db#x", "must have no fragment"],
  ["postgres://h/db?tables=x", 'an unknown parameter, did you mean "table"?: current value is "tables"'],
  [
    "postgres://h/db?pgbouncer=true",
    "known ones are schema, table, timeout, watch, createTable, sslmode, application_name",
  ],
  ["postgres://h/db?table=a&table=b", 'its URL has a parameter twice: current value is "table"'],
  ["postgres://h/db?sslmode=prefer", '"sslmode" of its URL must be disable or require or verify-full'],
  ["postgres://h/db?watch=yes", '"watch" of its URL must be true or false'],
  ["postgres://h/db?table=a%22b", '"table" must be 1 to 63 letters'],
  ["postgres://h/db?timeout=0", '"timeout" must be'],
  ["redis://h/tasks", "the path of its URL must be the number of a database"],
  ["redis://h?timeout=soon", '"timeout" of its URL must be a length such as "5s"'],
  ["mysql://h", "its URL must name the database"],
  ["mysql://h/db?ssl-mode=PREFERRED", '"ssl-mode" of its URL must be DISABLED or REQUIRED or VERIFY_IDENTITY'],
  ["sqlite:", "its URL must name a file"],
  ["sqlite://tasks.db", "its URL must have no host, such as sqlite:./tasks.db"],
  ["sqlite:x.db?table=sqlite_x", '"table" must not begin with sqlite_'],
  ["libsql:x", "its URL must name the server"],
  ["s3:bucket", "its URL must name the bucket, as s3://my-bucket does"],
  ["s3://KEY:secret@bucket", "its URL must have no user name and no password"],
  ["s3://bucket/a?prefix=b", 'must have a path or the parameter "prefix", not both'],
  ["s3://bucket?region=x&pathStyle=1", '"pathStyle" of its URL must be true or false'],
  ["gs://bucket:80/a", "its URL must have no port"],
  ["datastore://project/kind", "its URL must have no path, but ?kind="],
  ["etcd://user@h", "both a user name and a password, or none of them: current value has no password"],
  ["etcd://h/a?prefix=b", 'must have a path or the parameter "prefix", not both'],
  ["consul://user:secret@h", "its URL must have no user name and no password"],
  ["consul://h?token=a%20secret", '"token" must be a function or a string without spaces'],
  ["nats://user:secret@h", "its URL must name the bucket, as nats://HOST/my-bucket does"],
  ["nats://h/a.b", "its URL must name the bucket, as nats://HOST/my-bucket does"],
  ["deno-kv://host", "its URL must have no host"],
  ["memory:shared", "its URL must be memory:"],
];

Deno.test("a wrong URL is refused, and no message shows the password", async (t) => {
  for (const [url, message] of REFUSED) {
    await t.step(url || "an empty URL", async () => {
      const error = await assertRejects(() => openStore(url), RangeError, message);
      assertEquals(/secret|cret@|12/.test(`${error}${error.cause ?? ""}`), false, error.message);
    });
  }
});

Deno.test("what is no URL is refused, and not shown", async () => {
  for (const value of [undefined, null, 5, { href: "postgres://u:secret@h" }]) {
    const error = await assertRejects(
      () => openStore(value as unknown as string),
      TypeError,
      "must be a string or a URL",
    );
    assertEquals(error.message.includes("secret"), false);
  }
});

Deno.test("a URL object will do", async () => {
  await using store = await openStore(new URL("memory:"));
  assertEquals(await store.read("task"), null);
});

Deno.test("each scheme has an example that it can read", () => {
  for (const { example, names, parameters } of schemes()) {
    assertEquals(names.includes(addressOf(example.replace("PORT", "1")).scheme), true, example);
    assertEquals(new Set(parameters).size, parameters.length, example);
  }
});

/** URLs of servers that are away. */
const AWAY = [
  "postgres://user:secret@127.0.0.1:1/db?timeout=300ms",
  "redis://user:secret@127.0.0.1:1?timeout=300ms",
  "rediss://user:secret@127.0.0.1:1?timeout=300ms",
  "mysql://user:secret@127.0.0.1:1/db?timeout=300ms",
  "libsql://127.0.0.1:9?tls=false&authToken=secret&timeout=300ms",
  "sqlite:/nonexistent/folder/tasks.db?timeout=300ms",
  "deno-kv:/nonexistent/folder/tasks.db?timeout=300ms",
  "s3://bucket?endpoint=http://127.0.0.1:1&region=x&timeout=300ms",
  "gs://bucket?endpoint=http://127.0.0.1:1&timeout=300ms",
  "datastore://project?endpoint=http://127.0.0.1:1&timeout=300ms",
  "firestore://project/tasks?endpoint=http://127.0.0.1:1&timeout=300ms",
  "consul://127.0.0.1:1/tasks?token=secret&timeout=300ms",
  "nats://user:secret@127.0.0.1:1/tasks?timeout=300ms",
  "etcd://user:secret@127.0.0.1:1/tasks?timeout=300ms",
];

for (const url of AWAY) {
  const name = `a store that is away is opened, its calls fail, and it closes: ${new URL(url).protocol}`;
  // drivers close their sockets some time after their end
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const store = await openStore(url);
      try {
        for (let call = 0; call < 2; call++) {
          const error = await assertRejects(() => store.read("task"), Error);
          assertEquals(`${error}${Deno.inspect(error)}`.includes("secret"), false, Deno.inspect(error));
        }
      } finally {
        await store.close();
      }
      const closed = await assertRejects(() => store.read("task"), Error);
      assertStringIncludes(closed.message, "the store must be open");
    },
  });
}
