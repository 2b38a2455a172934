import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pageOf, shown } from "./setup.ts";

function section(page: string, id: string): string {
  return page.split(`<section id="${id}"`)[1]?.split("</section>")[0] ?? "";
}

Deno.test("the page of a task shows its condition, facts, runs, next due times, explanation and record", async () => {
  const { app } = await shown();
  const page = await pageOf(app, "/task?name=invoices/send");
  assertStringIncludes(page, "<title>! invoices/send – Tasks</title>");
  assertStringIncludes(section(page, "condition"), "no run has finished for the last 3 due times");
  assertStringIncludes(section(page, "facts"), "535 Authentication failed");
  assertEquals(section(page, "runs").match(/<tr>/g)?.length, 21);
  assertEquals(section(page, "runs").match(/<path class="failed"/g)?.length, 4);
  assertMatch(section(page, "runs"), /<title>failed after 1\.\d s, started 2026-01-31 11:56:00 UTC<\/title>/);
  assertEquals(section(page, "due").match(/<li>/g)?.length, 5);
  assertStringIncludes(section(page, "due"), "2026-01-31 12:10:59 UTC");
  assertStringIncludes(section(page, "explain"), "The scheduler was not started");
  assertStringIncludes(section(page, "record"), "&quot;failures&quot;: 4");
});

Deno.test("the next due times are those of the schedule", async () => {
  const { app } = await shown();
  const due = section(await pageOf(app, "/task?name=backup"), "due");
  assertEquals(due.match(/\d{4}-\d\d-\d\d 0[23]:\d\d:\d\d UTC<|\d{4}-\d\d-\d\d 0[23]:\d\d:\d\d UTC /g)?.length, 5);
});

Deno.test("without a scheduler in this process there is no explanation, and one due time", async () => {
  const { app } = await shown({ isStore: true });
  const page = await pageOf(app, "/task?name=backup");
  assertMatch(page, /<section id="explain" hidden>/);
  assertEquals(section(page, "due").match(/<li>/g)?.length, 1);
});

Deno.test("the page of a task that has never run works", async () => {
  const { app } = await shown();
  const page = await pageOf(app, "/task?name=report-weekly");
  assertStringIncludes(section(page, "condition"), "the task has never run");
  assertStringIncludes(section(page, "runs"), "No run has ended yet.");
});

Deno.test("an unknown task is answered with 404, and a store that is away with its error", async () => {
  const { app } = await shown({ isStore: true });
  assertStringIncludes(await pageOf(app, "/task?name=none", 404), "There is no task of this name: none");
  assertEquals((await app.request("/task")).status, 404);
  const { app: away } = await shown({
    isStore: true,
    wrap: (store) => ({
      read: () => Promise.reject(new Error("away")),
      write: store.write.bind(store),
      list: store.list.bind(store),
    }),
  });
  assertStringIncludes(await pageOf(away, "/task?name=backup", 503), "The task cannot be read: Error: away");
  // it is known from then on
  await pageOf(away, "/");
  assertStringIncludes(await pageOf(away, "/task?name=backup"), "the record cannot be read: Error: away");
});

Deno.test("data that is not a record is described", async () => {
  const { app, store } = await shown({ isStore: true });
  await store.write("foreign", new TextEncoder().encode('{"format":"other"}'), null);
  await store.write("newer", new TextEncoder().encode('{"format":"neat-periodic-task-status","version":2}'), null);
  assertStringIncludes(await pageOf(app, "/task?name=foreign"), "Not a record");
  assertEquals((await app.request("/task?name=newer")).status, 200);
  assertStringIncludes(await pageOf(app, "/"), "foreign");
});
