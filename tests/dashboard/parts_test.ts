import { assertEquals } from "@std/assert";
import type { WatchedTask } from "../../src/monitoring/watched_task.ts";
import { encoded, markup } from "../../src/dashboard/html.ts";
import { largeBars, outcomesText, smallBars } from "../../src/dashboard/run_bars.ts";
import { TakeoverLog } from "../../src/dashboard/takeover_log.ts";
import { lengthText, relativeText, timeElement, wholeText } from "../../src/dashboard/times.ts";
import { hash, type View } from "../../src/dashboard/view.ts";
import { changeOf, viewState } from "../../src/dashboard/view_change.ts";

Deno.test("lengthText() and wholeText() have at most two units", () => {
  const texts = [
    0,
    350,
    999,
    1_000,
    2_149,
    9_999,
    59_999,
    60_000,
    312_000,
    3_600_000,
    3_661_000,
    90_000_000,
    864_000_000,
  ];
  assertEquals(texts.map(lengthText), [
    "0 ms",
    "350 ms",
    "999 ms",
    "1 s",
    "2.1 s",
    "9.9 s",
    "59 s",
    "1 min",
    "5 min 12 s",
    "1 h",
    "1 h 1 min",
    "1 d 1 h",
    "10 d",
  ]);
  assertEquals([0, 999, 1_500, 61_000].map(wholeText), ["0 s", "0 s", "1 s", "1 min 1 s"]);
});

Deno.test("relativeText() counts down to a due time, and says how late it is", () => {
  assertEquals([61_000, 400, 0, -400, -5_000].map((ms) => relativeText(ms, "in")), [
    "in 1 min 1 s",
    "in 1 s",
    "now",
    "now",
    "5 s late",
  ]);
  assertEquals([5_000, -400, -5_000].map((ms) => relativeText(ms, "ago")), ["just now", "just now", "5 s ago"]);
  assertEquals(relativeText(-5_000, "for"), "5 s");
});

Deno.test("timeElement() is the same at any time if the script fills it in, and has no invalid time", () => {
  assertEquals(
    `${timeElement(new Date(0), "ago", undefined)}`,
    '<time datetime="1970-01-01T00:00:00.000Z" data-rel="ago" title="1970-01-01 00:00:00 UTC">1970-01-01 00:00:00 UTC</time>',
  );
  assertEquals(`${timeElement(new Date(NaN), "ago", 0)}`, "<span>unknown</span>");
});

Deno.test("markup escapes values, keeps their line breaks, and joins its own lines", () => {
  const value = "<a>\n  <b>";
  assertEquals(
    `${markup`
    <p title="${value}">
      ${[markup`<b>${1}</b>`, undefined, false, markup` &`]}
    </p>
  `}`,
    '<p title="&lt;a&gt;\n  &lt;b&gt;"><b>1</b> &</p>',
  );
  assertEquals(encoded("a/b?'\ud800 ü"), "a%2Fb%3F%27%EF%BF%BD%20%C3%BC");
});

Deno.test("bars are as high as runs are long, with a shape for each outcome, the newest at the right", () => {
  const start = new Date(0).toISOString();
  const runs = [
    { start, length: 50, outcome: "finished" },
    { start, length: 100, outcome: "finished" },
    { start, length: 100, outcome: "failed" },
    { start, length: 0, outcome: "later" as "failed" },
  ] as const;
  const paths = [
    ...`${smallBars(runs, { width: 5, gap: 2, height: 21 })}`.matchAll(
      /class="(\w+)" fill-rule="evenodd" d="([^"]*)"/g,
    ),
  ];
  assertEquals(paths.map(([, outcome, path]) => [outcome, path]), [
    ["finished", "M112 11h5v10h-5zM119 1h5v20h-5z"],
    ["failed", "M126 1h5v3h-5zM126 6h5v15h-5z"],
    ["aborted", "M133 12h5v2h-5zM133 19h5v2h-5z"],
  ]);
  assertEquals(`${largeBars(runs)}`.match(/<title>/g)?.length, 4);
  assertEquals(outcomesText([]), "no runs yet");
  assertEquals(outcomesText(runs.slice(0, 1)), "last run: 1 finished; the newest finished after 50 ms");
});

Deno.test("changeOf() has the parts that differ, and the list if its order does", () => {
  const view = (title: string, summary: string, ...rows: [id: string, text: string][]): View => ({
    title,
    parts: new Map([["summary", markup`${summary}`]]),
    rows: new Map(rows.map(([id, text]) => [id, markup`${text}`])),
    list: () => markup`${rows.map(([, text]) => text).join("+")}`,
  });
  const before = view("a", "s", ["1", "one"], ["2", "two"]);
  assertEquals(changeOf(viewState(before), before), undefined);
  assertEquals(changeOf(viewState(before), view("a", "s", ["1", "one"], ["2", "other"])), {
    title: "a",
    parts: { "2": "other" },
  });
  assertEquals(changeOf(viewState(before), view("a", "t", ["2", "two"], ["1", "one"])), {
    title: "a",
    parts: { summary: "t", rows: "two+one" },
  });
  assertEquals(changeOf(viewState(before), view("b", "s", ["1", "one"], ["2", "two"])), { title: "b", parts: {} });
  assertEquals(changeOf(viewState(before), view("a", "s")), { title: "a", parts: { rows: "" } });
  assertEquals(changeOf(undefined, before)?.parts, { summary: "s", rows: "one+two" });
});

Deno.test("hash() is the same for the same text, and another for another", () => {
  assertEquals(hash("a"), hash("a"));
  assertEquals(new Set(Array.from({ length: 1_000 }, (_, index) => hash(`task ${index}`))).size, 1_000);
});

function task(term: number, instance: string | undefined): WatchedTask {
  return {
    name: "backup",
    kind: "task",
    status: {
      state: "finished",
      term,
      failures: 0,
      recent: [],
      started: new Date(term),
      ...instance === undefined ? {} : { instance },
    },
    schedule: undefined,
    explanation: undefined,
    condition: { severity: "ok", reason: "finished", message: "", detail: undefined, since: undefined },
  };
}

Deno.test("TakeoverLog finds changes of the replica, and prefers what a scheduler reports", () => {
  const log = new TakeoverLog();
  for (const [term, instance] of [[1, "A"], [2, "A"], [3, "B"], [3, "B"], [5, "A"], [4, "B"]] as const) {
    log.see(task(term, instance));
  }
  assertEquals(log.of("backup").map(({ term, from, to }) => [term, from, to]), [[5, "B", "A"], [3, "A", "B"]]);
  log.add("backup", { time: new Date(5), term: 5, from: "B", to: "A", reason: "lease-over" });
  log.see(task(5, "A"));
  assertEquals(log.of("backup").map(({ term, reason }) => [term, reason]), [[5, "lease-over"], [3, undefined]]);
  assertEquals(log.of("other"), []);
  assertEquals(log.replicasOf("backup").map(({ instance, term }) => [instance, term]), [["A", 5], ["B", 4]]);
});

Deno.test("TakeoverLog keeps the last 20 takeovers of a task", () => {
  const log = new TakeoverLog();
  for (let term = 1; term <= 50; term++) log.see(task(term, `replica ${term}`));
  assertEquals(log.of("backup").length, 20);
  assertEquals(log.of("backup")[0]?.term, 50);
});
