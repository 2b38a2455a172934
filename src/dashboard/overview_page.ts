/**
 * The overview of all tasks.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { type Html, markup, rowId } from "./html.ts";
import { icon } from "./icons.ts";
import { type OverviewQuery, overviewQueryText, selected, SHOWN, SORTS, withText } from "./overview_query.ts";
import { isPaused, isRunning, needsAttention } from "./task_facts.ts";
import { type RowSettings, taskRow } from "./task_row.ts";
import { timeText } from "./times.ts";
import type { Snapshot, View } from "./view.ts";

/** The settings of the overview. */
export interface OverviewSettings extends RowSettings {
  readonly title: string;
  readonly query: OverviewQuery;
  /** The rows without times from now that are known. */
  readonly rows?: WeakMap<WatchedTask, Html>;
}

/** Returns the parts of the overview. */
export function overviewView(snapshot: Snapshot, settings: OverviewSettings): View {
  const { query } = settings;
  const tasks = selected(snapshot.tasks, query);
  const rows = new Map(tasks.map((task) => [rowId(task.name), rowOf(task, settings)]));
  const parts = new Map([
    ["alert", alert(snapshot.error)],
    ["summary", summary(snapshot)],
    ["chips", chips(withText(snapshot.tasks, query.text), query)],
    ["count", count(tasks.length, snapshot.tasks.length)],
  ]);
  const attention = snapshot.tasks.filter(needsAttention).length;
  const mark = snapshot.error !== undefined ? "(?) " : attention > 0 ? `(${attention}) ` : "";
  const title = `${mark}${settings.title}`;
  return { title, parts, rows, list: () => rowList([...rows.values()], settings.hasActions ? 6 : 5) };
}

function rowOf(task: WatchedTask, settings: OverviewSettings): Html {
  const known = settings.rows?.get(task) ?? taskRow(task, settings);
  settings.rows?.set(task, known);
  return known;
}

/** Returns the content of the page. */
export function overviewMain({ parts, list }: View, { query, hasActions }: OverviewSettings): Html {
  return markup`${parts.get("alert")}
<p role="status" class="summary">${parts.get("summary")}</p>
<div class="controls">
${parts.get("chips")}
<form class="filter" method="get" action="./" role="search">
${query.show !== "all" && markup`<input type="hidden" name="show" value="${query.show}">`}
<label><span class="label">Filter</span><input type="search" name="q" value="${query.text}" placeholder="Name, error, replica …"></label>
<label><span class="label">Sort</span><select name="sort">${
    Object.entries(SORTS).map(([key, { label }]) =>
      markup`<option value="${key}"${key === query.sort && markup` selected`}>${label}</option>`
    )
  }</select></label>
<button>Apply</button>
</form>
</div>
<table class="tasks">
<caption class="hidden">Tasks</caption>
<thead><tr><th scope="col">State</th><th scope="col">Task</th><th scope="col">Last 20 runs</th><th scope="col">Last run</th><th scope="col">Next due</th>${
    hasActions && markup`<th scope="col">Actions</th>`
  }</tr></thead>
${list?.()}
</table>
${parts.get("count")}`;
}

/** Returns the banner about a source that does not answer. It is there without an error too, as the script replaces it. */
export function alert(error: string | undefined): Html {
  if (error === undefined) return markup`<div id="alert" role="alert"></div>`;
  return markup`
    <div id="alert" role="alert">
      <p class="alert">${icon("critical")} The tasks cannot be read: <bdi>${error}</bdi></p>
    </div>
  `;
}

/** Returns the line that says within five seconds whether something is wrong. */
function summary({ tasks, error, readMs }: Snapshot): Html {
  if (error !== undefined) {
    const asOf = readMs !== undefined && markup` <span class="muted">(as of ${timeText(new Date(readMs))})</span>`;
    return markup`<span id="summary" class="critical">${
      icon("critical")
    } <strong>Not known: the tasks cannot be read</strong>${asOf}</span>`;
  }
  const attention = tasks.filter(needsAttention);
  const count = tasks.length === 1 ? "1 task" : `${tasks.length} tasks`;
  const others = [
    { count: tasks.filter(isRunning).length, word: "running" },
    { count: tasks.filter(isPaused).length, word: "paused" },
  ].filter(({ count }) => count > 0).map(({ count, word }) => `${count} ${word}`).join(", ");
  const rest = others !== "" && markup`<span class="others">${others}</span>`;
  if (tasks.length === 0) return markup`<span id="summary">${icon("notice")} <strong>No tasks yet</strong></span>`;
  if (attention.length === 0) {
    const well = tasks.length === 1 ? "1 task, and it does its work" : `All ${tasks.length} tasks do their work`;
    return markup`<span id="summary" class="ok">${icon("ok")} <strong>${well}</strong>${rest}</span>`;
  }
  const worst = attention.some(({ condition }) => condition.severity === "critical") ? "critical" : "warning";
  const needs = attention.length === 1 ? "1 task needs attention" : `${attention.length} tasks need attention`;
  return markup`
    <span id="summary" class="${worst}">
      ${icon(worst)} <strong>${needs}</strong> <span class="muted">of ${count}</span>${rest}
    </span>
  `;
}

/** Returns the links to the tasks of each state, with their numbers. */
function chips(tasks: readonly WatchedTask[], query: OverviewQuery): Html {
  const links = Object.entries(SHOWN).map(([show, { label, holds }]) => {
    const address = `./${overviewQueryText({ ...query, show })}`;
    const current = show === query.show && markup` aria-current="true"`;
    return markup`<li><a href="${address}"${current}>${label} <span class="number">${
      tasks.filter(holds).length
    }</span></a></li>`;
  });
  return markup`
    <nav id="chips" aria-label="Filter by state">
      <ul>${links}</ul>
    </nav>
  `;
}

function rowList(rows: readonly Html[], columns: number): Html {
  const none = markup`
    <tr>
      <td class="none" colspan="${columns}">No task matches.</td>
    </tr>
  `;
  return markup`<tbody id="rows">${rows.length > 0 ? rows : none}</tbody>`;
}

function count(shown: number, all: number): Html {
  return markup`<p id="count" class="muted">${
    shown === all ? markup`${all} shown` : markup`${shown} of ${all} shown. <a href="./">Show all</a>`
  }</p>`;
}
