import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SAMPLE_TASKS } from "../../internal/dashboard/sample_tasks.ts";
import { namesOn, pageOf, shown } from "./setup.ts";

Deno.test("the overview says how many tasks need attention, and shows them first", async () => {
  const { app } = await shown();
  const page = await pageOf(app, "/");
  assertMatch(page, /<strong>2 tasks need attention<\/strong> <span class="muted">of 10 tasks<\/span>/);
  assertStringIncludes(page, "1 running, 1 paused");
  assertStringIncludes(page, "<title>(2) Tasks</title>");
  assertEquals(namesOn(page).slice(0, 4), ["invoices/send", "search-index", "newsletter", "report-weekly"]);
});

Deno.test("the overview says that all tasks do their work", async () => {
  const { app } = await shown({ tasks: SAMPLE_TASKS.filter(({ name }) => name.startsWith("clean-up")) });
  assertStringIncludes(await pageOf(app, "/"), "<strong>All 2 tasks do their work</strong>");
  const { app: single } = await shown({ tasks: SAMPLE_TASKS.filter(({ name }) => name === "backup") });
  assertStringIncludes(await pageOf(single, "/"), "<strong>1 task, and it does its work</strong>");
  const { app: empty } = await shown({ tasks: [], isStore: true });
  assertStringIncludes(await pageOf(empty, "/"), "<strong>No tasks yet</strong>");
});

Deno.test("a row shows state, schedule, last run, next due time, failures with the error, and who paused", async () => {
  const { app } = await shown({ describe: (name) => name === "backup" ? "Copies the database" : undefined });
  const page = await pageOf(app, "/");
  const row = (name: string): string =>
    page.split(`<tr id="row-${encodeURIComponent(name)}"`)[1]?.split("</tr>")[0] ?? "";
  assertStringIncludes(row("backup"), "Copies the database");
  assertStringIncludes(row("backup"), "at 03:00 every day (Europe/Berlin)");
  assertStringIncludes(row("backup"), ">in 15 h<");
  assertMatch(row("backup"), />9 h ago<.*on <bdi>web-1<\/bdi>, took \d min/);
  assertStringIncludes(row("invoices/send"), "the last 4 runs failed: Error: 535 Authentication failed");
  assertStringIncludes(row("newsletter"), "paused by Ada: new templates go live on Thursday");
  assertStringIncludes(row("import-prices"), "running for");
  assertStringIncludes(row("search-index"), "1 h 4 min late");
  assertStringIncludes(row("report-weekly"), "never");
});

Deno.test("an error of describe() hides neither the other tasks nor their changes", async () => {
  const { app } = await shown({
    describe: (name) => {
      if (name === "backup") throw new Error("no words");
      return undefined;
    },
  });
  const page = await pageOf(app, "/");
  assertEquals(namesOn(page).length, SAMPLE_TASKS.length);
  assertStringIncludes(page, "no description: Error: no words");
});

Deno.test("a row shows the last 20 runs by length, and by outcome in colour, shape and words", async () => {
  const { app } = await shown();
  const page = await pageOf(app, "/");
  const row = page.split('<tr id="row-thumbnails"')[1]?.split("</tr>")[0] ?? "";
  assertStringIncludes(
    row,
    'aria-label="last 20 runs: 18 finished, 2 timed out; the newest finished after 18.1 s"'.replace("18.1", "18"),
  );
  const bars = (outcome: string): string[] =>
    new RegExp(`class="${outcome}"[^>]* d="([^"]*)"`).exec(row)?.[1]?.match(/M/g) ?? [];
  // a hollow bar has two lines
  assertEquals([bars("finished").length, bars("timeout").length], [18, 4]);
});

Deno.test("without a scheduler in this process, the schedule follows from the record", async () => {
  const { app } = await shown({ isStore: true });
  const page = await pageOf(app, "/");
  assertStringIncludes(page, "about every 15 minutes");
  // without a record there is no task
  assertEquals(namesOn(page).includes("report-weekly"), false);
});

Deno.test("the overview is filtered by text and state, and keeps both in its links", async () => {
  const { app } = await shown();
  assertEquals(namesOn(await pageOf(app, "/?q=clean")), ["clean-up/sessions", "clean-up/uploads"]);
  assertEquals(namesOn(await pageOf(app, "/?q=web-2+CLEAN")), ["clean-up/uploads"]);
  assertEquals(namesOn(await pageOf(app, "/?q=authentication")), ["invoices/send"]);
  assertEquals(namesOn(await pageOf(app, "/?show=paused")), ["newsletter"]);
  assertEquals(namesOn(await pageOf(app, "/?show=running")), ["import-prices"]);
  assertEquals(namesOn(await pageOf(app, "/?show=attention")), ["invoices/send", "search-index"]);
  const page = await pageOf(app, "/?q=up&show=ok&sort=name");
  assertEquals(namesOn(page), ["backup", "clean-up/sessions", "clean-up/uploads"]);
  assertStringIncludes(page, 'href="./?q=up&show=paused&sort=name"'.replaceAll("&", "&amp;"));
  assertStringIncludes(page, "3 of 10 shown");
  assertMatch(page, /<input type="hidden" name="show" value="ok">/);
  const none = await pageOf(app, "/?q=nothing");
  assertStringIncludes(none, "No task matches.");
});

Deno.test("the overview is sorted by name, next due time and last run; other words count as absent", async () => {
  const { app } = await shown();
  const byName = namesOn(await pageOf(app, "/?sort=name"));
  assertEquals(byName, SAMPLE_TASKS.map(({ name }) => name).sort());
  assertEquals(namesOn(await pageOf(app, "/?sort=due"))[0], "search-index");
  assertEquals(namesOn(await pageOf(app, "/?sort=last"))[0], "import-prices");
  const usual = namesOn(await pageOf(app, "/"));
  for (const query of ["sort=__proto__", "sort=toString", "show=constructor", "show="]) {
    assertEquals(namesOn(await pageOf(app, `/?${query}`)), usual, query);
  }
});

Deno.test("a store that cannot list its tasks is shown as an alert, with status 503", async () => {
  const { app } = await shown({
    isStore: true,
    wrap: (store) =>
      Object.assign(Object.create(store), {
        read: store.read.bind(store),
        write: store.write.bind(store),
        // deno-lint-ignore require-yield
        list: async function* (): AsyncGenerator<string> {
          throw await Promise.resolve(new Error("<b>no network</b>"));
        },
      }),
  });
  const page = await pageOf(app, "/", 503);
  assertStringIncludes(page, "The tasks cannot be read: <bdi>Error: &lt;b&gt;no network&lt;/b&gt;</bdi>");
});

Deno.test("a record that cannot be read does not hide the other tasks", async () => {
  const { app } = await shown({
    isStore: true,
    wrap: (store) => ({
      read: (key) => key === "backup" ? Promise.reject(new Error("away")) : store.read(key),
      write: store.write.bind(store),
      list: store.list.bind(store),
    }),
  });
  const page = await pageOf(app, "/");
  assertEquals(namesOn(page)[0], "backup");
  assertStringIncludes(page, "the record cannot be read: Error: away");
  assert(namesOn(page).length > 5);
});

Deno.test("500 tasks fit into a page of a megabyte", async () => {
  const tasks = Array.from({ length: 500 }, (_, index) => {
    const sample = SAMPLE_TASKS[index % SAMPLE_TASKS.length] ?? SAMPLE_TASKS[0];
    return { intervalMs: 1, ...sample, name: `task-${index}` };
  });
  const { app } = await shown({ tasks });
  const page = await pageOf(app, "/");
  assertEquals(namesOn(page).length, 500);
  assert(page.length < 1_500_000, `${page.length}`);
});

Deno.test("a run whose lease is over is not shown as running, whatever else is wrong", async () => {
  const [task] = SAMPLE_TASKS.filter(({ name }) => name === "import-prices");
  assert(task);
  const lost = { ...task, agoMs: 9 * 3_600_000, fields: { ...task.fields, failures: 2 } };
  const { app } = await shown({ tasks: [lost] });
  const page = await pageOf(app, "/");
  assert(!page.includes("running for") && !page.includes("1 running"), page);
  assertEquals(namesOn(await pageOf(app, "/?show=running")), []);
});

Deno.test("errorText() hides what the errors of a store must not show", async () => {
  const fails = (): never => {
    throw new Error("no answer of redis://:secret@host");
  };
  const errorText = (error: unknown): string => String(error).replace("secret", "***");
  for (const failing of [{ read: fails }, { list: fails }]) {
    const { app } = await shown({
      isStore: true,
      errorText,
      wrap: (store) => ({
        read: store.read.bind(store),
        write: store.write.bind(store),
        list: store.list.bind(store),
        ...failing,
      }),
    });
    const page = await (await app.request("/")).text();
    assert(page.includes("redis://:***@host") && !page.includes("secret"));
  }
});
