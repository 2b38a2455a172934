import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { namesOn, pageOf, shown } from "./setup.ts";

Deno.test("route() mounts the dashboard at a path; without the slash it redirects to it", async () => {
  const { app } = await shown();
  const outer = new Hono().get("/", (context) => context.text("home")).route("/admin/tasks", app);
  const redirect = await outer.request("/admin/tasks?q=back");
  assertEquals([redirect.status, redirect.headers.get("location")], [308, "./tasks/?q=back"]);
  assert(namesOn(await pageOf(outer, "/admin/tasks/")).length > 0);
  assert(namesOn(await pageOf(outer, "/admin/tasks/?q=backup")).length === 1);
  assertStringIncludes(await pageOf(outer, "/admin/tasks/task?name=backup"), "<bdi>backup</bdi>");
  assertEquals((await outer.request("/admin/tasks/style.css")).status, 200);
  assertEquals(await pageOf(outer, "/"), "home");
  for (const path of ["/admin/tasks/none", "/admin/tasks/none/", "/admin/tasks/task/", "/other/"]) {
    assertEquals((await outer.request(path)).status, 404, path);
  }
});

Deno.test("a path with parameters, and other routes beside a dashboard at the root, work", async () => {
  const { app } = await shown();
  const outer = new Hono().route("/:tenant/tasks", app);
  assert(namesOn(await pageOf(outer, "/acme/tasks/")).length > 0);
  const beside = new Hono().route("/", app).get("/health", (context) => context.text("ok"));
  assertEquals(await pageOf(beside, "/health"), "ok");
  assertEquals((await beside.request("/health")).headers.get("content-security-policy"), null);
});

Deno.test("all addresses are relative to the directory of the page", async () => {
  const { app } = await shown({ actions: true });
  for (const path of ["/", "/?q=a", "/task?name=backup", "/task?name=none"]) {
    const page = await (await app.request(path)).text();
    const addresses = [...page.matchAll(/(?:href|src|action|data-events)="([^"]*)"/g)].map(([, address = ""]) =>
      address
    );
    assert(addresses.length > 3);
    assertEquals(
      addresses.filter((address) =>
        !/^(\.\/|task\?|events\?|actions$|(style\.css|script\.js|icon\.svg)\?v=|$)/.test(address)
      ),
      [],
      path,
    );
  }
});

Deno.test("a sign-in in front guards every address", async () => {
  const { app } = await shown({ actions: true });
  const outer = new Hono();
  outer.use("/tasks/*", basicAuth({ username: "ada", password: "secret" }));
  outer.route("/tasks", app);
  for (const path of ["", "/", "/task?name=backup", "/events", "/style.css"]) {
    assertEquals((await outer.request(`/tasks${path}`)).status, 401, path);
  }
  assertEquals((await outer.request("/tasks/actions", { method: "POST" })).status, 401);
  const headers = { authorization: `Basic ${btoa("ada:secret")}` };
  assertEquals((await outer.request("/tasks/", { headers })).status, 200);
});

Deno.test("Express removes the path of the mount from the URL: the original one counts", async () => {
  const { app } = await shown();
  const at = (originalUrl: string): Promise<Response> =>
    Promise.resolve(app.request("/", {}, { incoming: { originalUrl } }));
  assertEquals((await at("/tasks")).headers.get("location"), "./tasks/");
  assertEquals((await at("/tasks/")).status, 200);
});
