// The dashboard in Chromium. `deno task test:stores` runs it where Chromium is installed.

import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { ChromiumBrowser, findChromium } from "../../internal/browser/chromium.ts";
import { SAMPLE_TASKS, sampleGroup, sampleStore, type SampleTask } from "../../internal/dashboard/sample_tasks.ts";
import type { MemoryStore, NeatPeriodicTaskGroup } from "../../mod.ts";
import { pauseTask, readTask } from "../../src/control.ts";
import { dashboard } from "../../src/dashboard.ts";
import { HOSTILE, hostileTasks } from "./hostile.ts";
import { rewrite } from "./setup.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const chromium = await findChromium();
const missing = chromium === undefined
  ? "there is no Chromium"
  : isThorough
  ? undefined
  : "`deno task test:stores` runs it";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1_280, height: 900 };

interface Site extends AsyncDisposable {
  readonly url: string;
  readonly store: MemoryStore;
  readonly group: NeatPeriodicTaskGroup;
}

/** Serves a dashboard with buttons. */
async function serve(tasks: readonly SampleTask[] = SAMPLE_TASKS): Promise<Site> {
  const store = await sampleStore(tasks);
  const group = sampleGroup(tasks, store);
  const ending = new AbortController();
  const app = dashboard({ store, actions: true, by: () => "Ada", refreshInterval: 300, signal: ending.signal });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    store,
    group,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server.shutdown();
    },
  };
}

/** What a page must not do. */
interface Misdeeds {
  readonly list: string[];
}

/** Notes errors, dialogs, refusals by the policy, and requests to other hosts. */
function watch(page: Page, { url }: Site): Misdeeds {
  const list: string[] = [];
  page.on("dialog", (dialog) => {
    list.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => list.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) list.push(`${message.type()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) list.push(`request: ${request.url()}`);
  });
  return { list };
}

function browserTest(
  name: string,
  fn: (browser: ChromiumBrowser, site: Site) => Promise<void>,
  tasks?: readonly SampleTask[],
): void {
  Deno.test({
    name: `in Chromium, ${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`,
    ignore: missing !== undefined,
    // the driver of the browser keeps some of its own
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using site = await serve(tasks);
      await using browser = await ChromiumBrowser.start(chromium ?? "");
      await fn(browser, site);
    },
  });
}

browserTest("the overview says first what is wrong, and fits on a desktop and a phone", async (browser, site) => {
  for (const viewport of [DESKTOP, PHONE]) {
    const page = await browser.page({ viewport });
    const misdeeds = watch(page, site);
    await page.goto(site.url);
    assertEquals((await page.locator("#summary strong").boundingBox() ?? { y: 999 }).y < 150, true);
    assertEquals(await page.locator("#summary strong").innerText(), "2 tasks need attention");
    assertMatch(await page.locator("#rows tr").first().innerText(), /Overdue[^]*invoices\/send/);
    assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    await page.goto(`${site.url}task?name=backup`);
    assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    assertEquals(misdeeds.list, []);
  }
});

browserTest("colours follow the scheme of the viewer", async (browser, site) => {
  const colours = [];
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.page({ colorScheme });
    await page.goto(site.url);
    colours.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
  }
  assertNotEquals(colours[0], colours[1]);
});

browserTest("axe finds nothing on any page, in light and dark, on a desktop and a phone", async (browser, site) => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      const page = await browser.page({ colorScheme, viewport });
      for (
        const path of [
          "",
          "?q=nothing",
          "?show=ok",
          "task?name=invoices%2Fsend",
          "task?name=newsletter",
          "task?name=none",
        ]
      ) {
        await page.goto(site.url + path);
        if (path !== "task?name=none") await page.locator("#live.on").waitFor();
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate("axe.run()") as axe.AxeResults;
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
        assertEquals(found, [], `${colorScheme} ${viewport.width} ${path}`);
      }
    }
  }
});

browserTest(
  "changes appear by themselves, and keep the focus and what is unfolded",
  async (browser, { url, store }) => {
    const page = await browser.page();
    await page.goto(url);
    await page.locator("#live.on").waitFor();
    await page.evaluate("window.isSamePage = true");
    await page.locator("[id='row-backup'] button[name=pause]").focus();
    await pauseTask(store, "backup", { by: "Grace", reason: "<i>migration</i>" });
    await page.locator("[id='row-backup'] .message").filter({ hasText: "paused by Grace: <i>migration</i>" }).waitFor();
    assertEquals(await page.evaluate("document.activeElement.name + document.activeElement.value"), "resumebackup");
    assertEquals(await page.evaluate("window.isSamePage"), true);

    await page.goto(`${url}task?name=thumbnails`);
    await page.locator("#live.on").waitFor();
    await page.locator("#record summary").click();
    const failed = SAMPLE_TASKS.find(({ name }) => name === "thumbnails");
    assert(failed);
    await rewrite(
      store,
      { ...failed, agoMs: 0, fields: { state: "failed", failures: 1, error: "no luck" } },
      Date.now(),
    );
    await page.locator("#condition").filter({ hasText: "the last run failed: no luck" }).waitFor();
    assertEquals(await page.locator("#record details").getAttribute("open"), "");
    assertEquals(await page.evaluate("document.activeElement.tagName"), "SUMMARY");
    assertMatch(await page.title(), /^! thumbnails/);
  },
);

browserTest("due times count down", async (browser, { url }) => {
  const page = await browser.page();
  await page.goto(url);
  const due = page.locator("[id='row-thumbnails'] .due time");
  const before = await due.innerText();
  assertMatch(before, /^in (3 min|2 min \d+ s)$/);
  // not waitForFunction(), which the policy of the page refuses
  while (await due.innerText() === before) await page.waitForTimeout(200);
});

browserTest("the filter and the order need no button", async (browser, { url }) => {
  const page = await browser.page();
  await page.goto(url);
  await page.getByRole("searchbox").fill("clean");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=clean/);
  assertEquals(await page.locator("#rows tr").count(), 2);
  await page.getByLabel("Sort").selectOption("name");
  await page.waitForURL(/q=clean.*sort=name/);
  await page.getByRole("link", { name: /^All/ }).click();
  assertEquals(await page.getByRole("searchbox").inputValue(), "clean");
});

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `Run now, Pause and Resume work ${javaScriptEnabled ? "by keyboard" : "without JavaScript"}`,
    async (browser, site) => {
      const { url, store } = site;
      const page = await browser.page({ javaScriptEnabled });
      const misdeeds = watch(page, site);
      await page.goto(`${url}?q=back`);
      await page.getByRole("button", { name: "Pause: backup" }).press("Enter");
      await page.locator(".message").filter({ hasText: "paused by Ada" }).waitFor();
      assertMatch(page.url(), /\/\?q=back#row-backup$/);
      await page.getByRole("button", { name: "Resume: backup" }).press("Enter");
      await page.locator("[id='row-backup'] .badge").filter({ hasText: "OK" }).waitFor();
      await page.getByRole("link", { name: "backup" }).click();
      await page.getByLabel("Reason").fill("new disk");
      await page.getByRole("button", { name: "Pause: backup" }).press("Enter");
      await page.locator("#condition").filter({ hasText: "paused by Ada: new disk" }).waitFor();
      await page.getByRole("button", { name: "Run now: backup" }).press("Enter");
      await page.locator("#facts").filter({ hasText: "requested by Ada" }).waitFor();
      assertEquals((await readTask(store, "backup"))?.requestedBy, "Ada");
      assertEquals(misdeeds.list, []);
    },
  );
}

browserTest("a form on another site changes nothing", async (browser, { url, store }) => {
  const window = await browser.window();
  const own = await window.newPage();
  await own.goto(url);
  const token = await own.locator("input[name=token]").getAttribute("value");
  // the same machine by another name is another site, and the form even has the right token
  const form =
    `<form method=post action="${url}actions"><input name=pause value=backup><input name=token value="${token}"></form><script>document.forms[0].submit()</script>`;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(form, { headers: { "content-type": "text/html" } }),
  );
  try {
    const other = await window.newPage();
    await other.goto(`http://localhost:${server.addr.port}/`).catch(() => {});
    await other.getByText("Nothing was changed, as the request comes from another site.").waitFor();
  } finally {
    await server.shutdown();
  }
  assertEquals((await readTask(store, "backup"))?.paused, undefined);
});

browserTest("the pages cannot be put into a frame", async (browser, { url }) => {
  const page = await browser.page();
  await page.setContent(`<iframe src="${url}"></iframe>`);
  await page.waitForTimeout(300);
  assertEquals(await page.frameLocator("iframe").locator("#summary").count(), 0);
});

browserTest("hostile names and records do nothing", async (browser, site) => {
  const page = await browser.page();
  const misdeeds = watch(page, site);
  await page.goto(site.url);
  await page.locator("#live.on").waitFor();
  const names = await page.locator("#rows .name a").allInnerTexts();
  assertEquals(names.length, HOSTILE.length);
  // the live update has the same texts
  for (const task of hostileTasks()) await rewrite(site.store, { ...task, agoMs: 1_000 }, Date.now());
  await page.waitForTimeout(600);
  for (const text of HOSTILE) {
    await page.goto(site.url);
    await page.locator("#rows .name a").filter({ hasText: text }).first().hover();
    await page.locator("#rows .name a").nth(HOSTILE.indexOf(text)).click();
    await page.waitForURL(/\/task\?name=/);
    await page.locator("#condition").hover();
    await page.locator("#record summary").click();
  }
  // a button with a hostile value sends that value
  await page.goto(site.url);
  await page.getByRole("button", { name: `Resume: ${HOSTILE[1]}` }).click();
  await page.waitForURL(/#row-/);
  assertEquals((await readTask(site.store, HOSTILE[1] ?? ""))?.paused, undefined);
  assertEquals(await page.evaluate("document.querySelectorAll('img, iframe, [onclick], [onmouseover]').length"), 0);
  assertEquals(misdeeds.list, []);
}, hostileTasks());

const RUN = SAMPLE_TASKS.filter(({ agoMs }) => agoMs !== undefined);
const MANY: readonly SampleTask[] = Array.from({ length: 500 }, (_, index) => {
  const sample = RUN[index % RUN.length];
  return { intervalMs: 60_000, ...sample, name: `task-${index}` };
});

browserTest("500 tasks are shown at once", async (browser, site) => {
  const page = await browser.page();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const startMs = performance.now();
  await page.goto(site.url, { waitUntil: "load" });
  await page.locator("#rows tr").last().boundingBox();
  const ms = Math.round(performance.now() - startMs);
  // a figure for people: the speed of the machine is not that of the page
  const { metrics } = await session.send("Performance.getMetrics");
  const cpuMs = Math.round((metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN) * 1_000);
  console.log(`${MANY.length} tasks: ${ms} ms until they are laid out, ${cpuMs} ms of the processor in the browser`);
  assertEquals(await page.locator("#rows tr").count(), MANY.length);
  await page.locator("#live.on").waitFor();
  assertStringIncludes(await page.locator("#summary").innerText(), `of ${MANY.length} tasks`);
}, MANY);
