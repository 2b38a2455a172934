import { assert, assertEquals, assertMatch } from "@std/assert";
import { readTask } from "../../src/control.ts";
import { COOKIE, crossSiteReason } from "../../src/dashboard/security.ts";
import { type Shown, shown } from "./setup.ts";

const HOST = "http://localhost";
const SAME_ORIGIN = { "sec-fetch-site": "same-origin", origin: HOST };

interface Post {
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  /** The token in the form; that of the cookie if it is absent. */
  readonly token?: string;
  readonly cookie?: string | null;
}

/** Opens the overview, and sends a form as its buttons do. */
async function post(
  { app }: Shown,
  { headers = SAME_ORIGIN, fields = { pause: "backup" }, token, cookie }: Post = {},
): Promise<Response> {
  const page = await app.request("/");
  const given = page.headers.get("set-cookie")?.split(";")[0] ?? "";
  const [, value = ""] = given.split("=");
  const sent = cookie === null ? {} : { cookie: cookie ?? `theme=dark; ${given}` };
  const body = new URLSearchParams({ token: token ?? value, view: "overview", query: "", ...fields });
  return await app.request("/actions", { method: "POST", headers: { ...headers, ...sent }, body });
}

async function isPaused({ store }: Shown): Promise<boolean> {
  return (await readTask(store, "backup"))?.paused !== undefined;
}

Deno.test("every answer has a strict policy, and pages are not stored", async () => {
  const dashboard = await shown({ actions: true });
  const responses = [
    ...await Promise.all(
      ["/", "/task?name=backup", "/task?name=none", "/none", "/style.css", "/script.js", "/icon.svg", "/events"].map(
        async (
          path,
        ) => await dashboard.app.request(path),
      ),
    ),
    await post(dashboard),
    await post(dashboard, { token: "x" }),
  ];
  for (const { headers, body, status } of responses) {
    assertEquals(
      headers.get("content-security-policy"),
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    assertEquals(headers.get("x-frame-options"), "DENY");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("referrer-policy"), "same-origin");
    assert(
      headers.get("content-type")?.match(/css|javascript|svg/) || headers.get("cache-control") === "no-store",
      `${status}`,
    );
    await body?.cancel();
  }
});

Deno.test("pages have no inline script, inline style or address of another host", async () => {
  const { app } = await shown({ actions: true });
  for (const path of ["/", "/task?name=backup"]) {
    const page = await (await app.request(path)).text();
    assertEquals(page.match(/\sstyle=|<style|<script(?! src="script\.js)|https?:/g), null);
  }
});

Deno.test("the assets have at most 40 kB", async () => {
  const { app } = await shown();
  const texts = await Promise.all(
    ["/style.css", "/script.js", "/icon.svg"].map(async (path) => await (await app.request(path)).text()),
  );
  const bytes = texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0);
  assert(bytes < 40_000, `${bytes}`);
});

Deno.test("assets are kept by browsers under the address that pages name, and asked for again under another", async () => {
  const { app } = await shown();
  const page = await (await app.request("/")).text();
  const [, address = ""] = /href="(style\.css\?v=\w+)"/.exec(page) ?? [];
  assertMatch((await app.request(`/${address}`)).headers.get("cache-control") ?? "", /immutable/);
  assertEquals((await app.request("/style.css?v=other")).headers.get("cache-control"), "no-cache");
});

Deno.test("a form of the dashboard itself is accepted, and leads back to its row", async () => {
  const dashboard = await shown({ actions: true, by: () => "Ada" });
  const response = await post(dashboard, { fields: { pause: "backup", view: "overview", query: "?q=back&show=ok" } });
  assertEquals([response.status, response.headers.get("location")], [303, "./?q=back&show=ok#row-backup"]);
  assertEquals((await readTask(dashboard.store, "backup"))?.pausedBy, "Ada");
});

const REFUSED: readonly (readonly [name: string, post: Post])[] = [
  ["from another site", { headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" } }],
  ["from a sibling of its host", { headers: { "sec-fetch-site": "same-site", origin: "http://evil.localhost" } }],
  ["that was typed or linked", { headers: { "sec-fetch-site": "none" } }],
  ["from another origin, of an older browser", { headers: { origin: "https://evil.example" } }],
  ["from another port, of an older browser", { headers: { origin: "http://localhost:81" } }],
  ["from a page that hides its origin", { headers: { origin: "null" } }],
  ["that does not say where it comes from", { headers: {} }],
  ["without a token", { token: "" }],
  ["with a wrong token", { token: "0".repeat(32) }],
  ["with a token and without the cookie", { cookie: null, token: "0".repeat(32) }],
  ["with a cookie that is no token", { cookie: `${COOKIE}=x`, token: "x" }],
  ["with an empty cookie and an empty token", { cookie: `${COOKIE}=`, token: "" }],
];

for (const [name, refused] of REFUSED) {
  Deno.test(`a form ${name} changes nothing`, async () => {
    const dashboard = await shown({ actions: true });
    const response = await post(dashboard, refused);
    assertEquals(response.status, 403);
    assertEquals(await isPaused(dashboard), false);
    assertEquals(response.headers.get("set-cookie"), null);
  });
}

Deno.test("a browser without Sec-Fetch-Site is accepted by its origin, also behind a proxy with TLS", () => {
  const request = (headers: Record<string, string>): Request =>
    new Request("http://tasks.example/actions", { method: "POST", headers });
  for (
    const headers of [{ origin: "https://tasks.example" }, { origin: "http://tasks.example", host: "tasks.example" }]
  ) {
    assertEquals(crossSiteReason(request(headers)), undefined);
  }
});

Deno.test("the cookie is unreadable to scripts, stays on the site, and needs TLS where there is TLS", async () => {
  const { app } = await shown({ actions: true });
  const cookie = (await app.request("/")).headers.get("set-cookie") ?? "";
  assertMatch(cookie, new RegExp(`^${COOKIE}=[0-9a-f]{32}; HttpOnly; SameSite=Lax$`));
  const secure = (await app.request("https://localhost/")).headers.get("set-cookie") ?? "";
  assertMatch(secure, /; Secure$/);
  const behindProxy = await app.request("/", { headers: { "x-forwarded-proto": "https" } });
  assertMatch(behindProxy.headers.get("set-cookie") ?? "", /; Secure$/);
  // any replica accepts it, and gives no other one
  const again = await (await shown({ actions: true })).app.request("/", {
    headers: { cookie: cookie.split(";")[0] ?? "" },
  });
  assertEquals(again.headers.get("set-cookie"), null);
});

Deno.test("without actions there are no buttons, no cookie and no endpoint", async () => {
  const dashboard = await shown();
  for (const path of ["/", "/task?name=backup"]) {
    const response = await dashboard.app.request(path);
    assertEquals(response.headers.get("set-cookie"), null);
    assertEquals((await response.text()).match(/<button form|method="post"|name="token"/g), null);
  }
  const token = "0".repeat(32);
  const response = await post(dashboard, { token, cookie: `${COOKIE}=${token}` });
  assertEquals(response.status, 404);
  assertEquals(await isPaused(dashboard), false);
});

Deno.test("a form that is too large is not read", async () => {
  const dashboard = await shown({ actions: true });
  const response = await post(dashboard, { fields: { pause: "x".repeat(100_000) } });
  assertEquals(response.status, 413);
});

Deno.test("with hosts, a request by another name is refused at every address", async () => {
  const hosts = ["Localhost", "[::1]:8000", "tasks.example:8443"];
  const dashboard = await shown({ actions: true, hosts });
  const status = async (host: string, path = "/", init: RequestInit = {}): Promise<number> => {
    const response = await dashboard.app.request(`http://${host}${path}`, init);
    await response.body?.cancel();
    return response.status;
  };
  for (const host of ["localhost", "localhost:81", "LOCALHOST", "[::1]:8000", "tasks.example:8443"]) {
    assertEquals(await status(host), 200, host);
  }
  for (const host of ["evil.example", "127.0.0.1", "[::1]", "tasks.example", "localhost.evil.example"]) {
    assertEquals(await status(host), 421, host);
  }
  for (const path of ["/task?name=backup", "/events", "/style.css"]) {
    assertEquals(await status("evil.example", path), 421, path);
  }
  // the header counts, which a page of another site cannot set
  assertEquals(await status("localhost", "/", { headers: { host: "evil.example" } }), 421);
  const host = "http://evil.example";
  const token = "0".repeat(32);
  const response = await dashboard.app.request(`${host}/actions`, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", origin: host, cookie: `${COOKIE}=${token}` },
    body: new URLSearchParams({ token, pause: "backup" }),
  });
  assertEquals([response.status, await isPaused(dashboard)], [421, false]);
});
