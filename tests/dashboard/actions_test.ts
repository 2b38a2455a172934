import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { readTask } from "../../src/control.ts";
import { dashboard } from "../../src/dashboard.ts";
import { COOKIE } from "../../src/dashboard/security.ts";
import { SILENT } from "../helpers/log.ts";
import { pageOf, type Shown, shown } from "./setup.ts";

const TOKEN = "0123456789abcdef".repeat(2);

async function press({ app }: Pick<Shown, "app">, fields: Readonly<Record<string, string>>): Promise<Response> {
  const headers = { "sec-fetch-site": "same-origin", cookie: `${COOKIE}=${TOKEN}` };
  return await app.request("/actions", {
    method: "POST",
    headers,
    body: new URLSearchParams({ token: TOKEN, ...fields }),
  });
}

Deno.test("Run now requests a run in the name of the person", async () => {
  const asked: string[] = [];
  const shownTasks = await shown({
    actions: true,
    isStore: true,
    by: (request) => {
      asked.push(request.method);
      return "Ada\nLovelace";
    },
  });
  const response = await press(shownTasks, { run: "backup", view: "task" });
  assertEquals([response.status, response.headers.get("location")], [303, "task?name=backup"]);
  const status = await readTask(shownTasks.store, "backup");
  assertEquals([status?.requestedBy, asked], ["Ada Lovelace", ["POST"]]);
  assertStringIncludes(await pageOf(shownTasks.app, "/"), "requested by <bdi>Ada Lovelace</bdi>");
});

Deno.test("Pause and Resume change the record, and a page has the one that makes sense", async () => {
  const shownTasks = await shown({ actions: true });
  assertEquals((await press(shownTasks, { pause: "clean-up/uploads", reason: " migration " })).status, 303);
  const paused = await readTask(shownTasks.store, "clean-up/uploads");
  assertEquals([paused?.pausedBy, paused?.pauseReason], ["dashboard", "migration"]);
  const page = await pageOf(shownTasks.app, "/task?name=clean-up/uploads");
  assert(page.includes('name="resume"') && !page.includes('name="pause"'));
  assertEquals((await press(shownTasks, { resume: "clean-up/uploads" })).status, 303);
  assertEquals((await readTask(shownTasks.store, "clean-up/uploads"))?.paused, undefined);
});

Deno.test("a task of the group that has never run can be paused", async () => {
  const shownTasks = await shown({ actions: true });
  assertEquals((await press(shownTasks, { pause: "report-weekly" })).status, 303);
  assert((await readTask(shownTasks.store, "report-weekly"))?.paused);
});

Deno.test("Run now runs a task with its record in memory, which cannot be paused", async () => {
  let runs = 0;
  const task = (): void => void runs++;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "local",
    interval: 9_000,
    timeout: 1_000,
    log: SILENT,
    task,
  });
  const app = dashboard({ group: [scheduler], actions: true });
  const page = await pageOf(app, "/");
  assert(page.includes('name="run"') && !page.includes('name="pause"'));
  assertEquals((await press({ app }, { pause: "local" })).status, 409);
  const finished = new Promise((resolve) => scheduler.addEventListener("finished", resolve, { once: true }));
  assertEquals((await press({ app }, { run: "local" })).status, 303);
  await finished;
  await scheduler.stop();
  assertEquals(runs, 1);
});

Deno.test("Run now does not wait for a check where the store cannot watch", async () => {
  const { store, group, time } = await shown();
  const unwatched = { read: store.read.bind(store), write: store.write.bind(store) };
  let runs = 0;
  const task = (): void => void runs++;
  const common = { name: "backup", interval: 90_000, timeout: 1_000, log: SILENT, clock: time.clock(), task };
  const scheduler = new NeatPeriodicTaskScheduler({ ...common, store: unwatched });
  const app = dashboard({ group: [scheduler], actions: true });
  assertEquals((await press({ app }, { run: "backup" })).status, 303);
  await time.settle();
  await scheduler.stop();
  assertEquals([runs, (await readTask(store, "backup"))?.requested], [1, undefined]);
  assert([...group].length > 0);
});

Deno.test("an action that is wrong or cannot be done is answered with the reason", async () => {
  const shownTasks = await shown({ actions: true, isStore: true });
  const none = await press(shownTasks, { run: "<b>" });
  assertEquals(none.status, 404);
  assertStringIncludes(await none.text(), "There is no task of this name: &lt;b&gt;");
  assertEquals((await press(shownTasks, {})).status, 400);
  assertEquals((await press(shownTasks, { reset: "backup" })).status, 400);
  await shownTasks.store.write("foreign", new TextEncoder().encode("{}"), null);
  assertEquals((await press(shownTasks, { run: "foreign" })).status, 409);
});

Deno.test("Run now is not offered for a scheduler that has stopped", async () => {
  const { group, app } = await shown({ actions: true });
  const backup = [...group].find(({ name }) => name === "backup");
  assertStringIncludes(await pageOf(app, "/task?name=backup"), 'name="run"');
  await backup?.stop();
  assert(!(await pageOf(app, "/task?name=backup")).includes('name="run"'));
  assertEquals((await press({ app }, { run: "backup" })).status, 409);
});
