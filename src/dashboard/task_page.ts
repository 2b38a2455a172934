/**
 * The page of a task.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import type { RecentRun } from "../record/recent_runs.ts";
import { type Html, markup } from "./html.ts";
import { icon, iconOf } from "./icons.ts";
import { alert } from "./overview_page.ts";
import { largeBars, outcomeText } from "./run_bars.ts";
import type { SeenReplica, Takeover } from "./takeover_log.ts";
import { actionButtons, FORM_ID, type PossibleActions } from "./task_buttons.ts";
import { conditionTextOf, isPaused, labelOf, scheduleOf, statusOf } from "./task_facts.ts";
import { nextDue } from "./task_row.ts";
import { lengthText, timeElement, timeText } from "./times.ts";
import type { View } from "./view.ts";

/** What the page of a task shows beside the task. */
export interface TaskPageSettings {
  readonly title: string;
  /** The present; `undefined` if the script fills times in. */
  readonly nowMs: number | undefined;
  readonly description: string | undefined;
  readonly actions: PossibleActions;
  readonly takeovers: readonly Takeover[];
  readonly replicas: readonly SeenReplica[];
  readonly dueTimes: readonly Date[];
  /** The error of the source, if it has not answered. */
  readonly error: string | undefined;
}

/** Returns the parts of the page of a task. */
export function taskView(task: WatchedTask, settings: TaskPageSettings): View {
  const sign = settings.error !== undefined
    ? "? "
    : task.condition.severity === "critical" || task.condition.severity === "warning"
    ? "! "
    : "";
  const parts = new Map([
    ["alert", alert(settings.error)],
    ["condition", conditionPart(task, settings)],
    ["facts", facts(task, settings)],
    ["runs", runs(task, settings.nowMs)],
    ["due", dueTimes(task, settings)],
    ["explain", explanation(task, settings.nowMs)],
    ["replicas", replicas(settings)],
    ["takeovers", takeovers(settings)],
    ["record", record(task)],
  ]);
  return { title: `${sign}${task.name} – ${settings.title}`, parts };
}

/** Returns the content of the page. */
export function taskMain({ parts }: View, { actions }: TaskPageSettings): Html {
  const reason = actions.pause &&
    markup`<p class="reason"><label><span class="label">Reason, for Pause</span>
<input form="${FORM_ID}" name="reason" maxlength="100" placeholder="shown to everybody"></label></p>`;
  return markup`${parts.get("alert")}
${parts.get("condition")}${reason}
${parts.get("facts")}
${parts.get("runs")}
<div class="columns">
${parts.get("due")}
${parts.get("explain")}
${parts.get("replicas")}
${parts.get("takeovers")}
</div>
${parts.get("record")}`;
}

function conditionPart(task: WatchedTask, { nowMs, actions }: TaskPageSettings): Html {
  const name = iconOf(task);
  const { since } = task.condition;
  const buttons = actionButtons(task, actions);
  return markup`<section id="condition" class="condition ${name}" aria-label="Condition">
<p><span role="status"><span class="badge ${name}">${icon(name)} ${labelOf(task)}</span> <bdi>${
    conditionTextOf(task)
  }</bdi></span>${
    since && !Number.isNaN(since.getTime()) &&
    markup` <span class="muted">since ${timeText(since)}, for ${timeElement(since, "for", nowMs)}</span>`
  }</p>${buttons && markup`<p class="actions">${buttons}</p>`}</section>`;
}

function facts(task: WatchedTask, { nowMs, description }: TaskPageSettings): Html {
  const status = statusOf(task);
  const { instance, started, failures = 0, error, paused, pausedBy, pauseReason, term, owner } = status ?? {};
  const { requested, requestedBy, leaseEnd } = status ?? {};
  const rows: (readonly [term: string, value: Html | string | undefined])[] = [
    ["About", description],
    ["Schedule", scheduleOf(task) ?? "not known here"],
    ["Next due", nextDue(task, nowMs)],
    ["Last start", started && timeElement(started, "ago", nowMs)],
    ["Last on", instance],
    ["Failures in a row", failures > 0 ? String(failures) : undefined],
    ["Last error", failures > 0 ? error : undefined],
    [
      "Paused",
      paused &&
      markup`${timeElement(paused, "ago", nowMs)}${pausedBy !== undefined && markup` by <bdi>${pausedBy}</bdi>`}`,
    ],
    ["Reason of the pause", pauseReason],
    [
      "Requested",
      requested &&
      markup`${timeElement(requested, "ago", nowMs)}${
        requestedBy !== undefined && markup` by <bdi>${requestedBy}</bdi>`
      }`,
    ],
    ["Lease until", leaseEnd && timeElement(leaseEnd, "in", nowMs)],
    ["Term", term === undefined ? undefined : String(term)],
    ["Owner", owner],
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  return markup`
    <section id="facts" aria-label="Facts">
      <dl>${
    shown.map(([name, value]) =>
      markup`
          <div>
            <dt>${name}</dt>
            <dd>${typeof value === "string" ? markup`<bdi>${value}</bdi>` : value}</dd>
          </div>
        `
    )
  }</dl>
    </section>
  `;
}

function runs(task: WatchedTask, nowMs: number | undefined): Html {
  const recent = statusOf(task)?.recent ?? [];
  if (recent.length === 0) {
    return markup`
      <section id="runs">
        <h2>Runs</h2>
        <p class="muted">No run has ended yet.</p>
      </section>
    `;
  }
  return markup`
    <section id="runs">
      <h2>Last ${recent.length === 1 ? "run" : `${recent.length} runs`}</h2>
      <div class="chart">${largeBars(recent)}</div>
      <div class="scroll" tabindex="0" role="region" aria-label="Table of the last runs">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Start</th>
              <th scope="col">Ago</th>
              <th scope="col">Length</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>${recent.toReversed().map((run) => runRow(run, nowMs))}</tbody>
        </table>
      </div>
    </section>
  `;
}

function runRow({ start, length, outcome }: RecentRun, nowMs: number | undefined): Html {
  const time = new Date(start);
  const name = outcome === "finished"
    ? "ok"
    : outcome === "aborted"
    ? "notice"
    : outcome === "timeout"
    ? "warning"
    : "critical";
  return markup`
    <tr>
      <td>${timeText(time)}</td>
      <td>${timeElement(time, "ago", nowMs)}</td>
      <td>${lengthText(length)}</td>
      <td><span class="badge ${name}">${icon(name)} ${outcomeText(outcome)}</span></td>
    </tr>
  `;
}

function dueTimes(task: WatchedTask, { dueTimes, nowMs }: TaskPageSettings): Html {
  const paused = isPaused(task) && markup`<p class="muted">The task is paused: no run starts until it is resumed.</p>`;
  const list = dueTimes.map((due) =>
    markup`<li>${timeText(due)} <span class="muted">${timeElement(due, "in", nowMs)}</span></li>`
  );
  return markup`<section id="due"><h2>Next due times</h2>${paused}${
    list.length > 0 ? markup`<ol>${list}</ol>` : markup`<p class="muted">Not known.</p>`
  }</section>`;
}

function explanation(task: WatchedTask, nowMs: number | undefined): Html {
  const { explanation } = task;
  if (!explanation) return markup`<section id="explain" hidden></section>`;
  const { state, reason, message, until } = explanation;
  return markup`
    <section id="explain">
      <h2>This process</h2>
      <p><bdi>${message}</bdi></p>
      <dl><div><dt>Scheduler</dt><dd>${state}</dd></div><div><dt>Reason</dt><dd>${reason}</dd></div>${
    until && markup`
        <div>
          <dt>Next check</dt>
          <dd>${timeElement(until, "in", nowMs)}</dd>
        </div>
      `
  }</dl>
    </section>
  `;
}

function replicas({ replicas, nowMs }: TaskPageSettings): Html {
  const list = replicas.map(({ instance, term, time }) =>
    markup`<li><bdi>${instance}</bdi> <span class="muted">term ${term}, ${timeElement(time, "ago", nowMs)}</span></li>`
  );
  return markup`<section id="replicas"><h2>Replicas by last run</h2>${
    list.length > 0 ? markup`<ol>${list}</ol>` : markup`<p class="muted">None seen since this process started.</p>`
  }</section>`;
}

function takeovers({ takeovers, nowMs }: TaskPageSettings): Html {
  const list = takeovers.map(({ time, term, from, to, reason }) =>
    markup`<li>${timeElement(time, "ago", nowMs)} term ${term}: <bdi>${from ?? "unknown"}</bdi> → <bdi>${
      to ?? "unknown"
    }</bdi>${reason !== undefined && markup` <span class="muted">${reason}</span>`}</li>`
  );
  return markup`<section id="takeovers"><h2>Takeovers</h2>${
    list.length > 0 ? markup`<ol>${list}</ol>` : markup`<p class="muted">None seen since this process started.</p>`
  }</section>`;
}

function record(task: WatchedTask): Html {
  const text = task.kind === "task" ? JSON.stringify(task.status, null, 2) : conditionTextOf(task);
  return markup`
    <section id="record">
      <details>
        <summary>Record</summary>
        <pre tabindex="0" role="region" aria-label="Record as JSON">${text}</pre>
      </details>
    </section>
  `;
}
