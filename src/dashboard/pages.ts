/**
 * The answers of the dashboard.
 *
 * @module
 */
import type { Context } from "hono";
import { MAX_TEXT_LENGTH, printableText } from "../record/text.ts";
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { askedAction, perform, possibleActions } from "./actions.ts";
import { nextDueTimes } from "./due_times.ts";
import { eventStream } from "./event_stream.ts";
import { encoded, type Html, markup, rowId, taskAddress } from "./html.ts";
import type { LiveTasks } from "./live_tasks.ts";
import { overviewMain, type OverviewSettings, overviewView } from "./overview_page.ts";
import { overviewQueryText, parseOverviewQuery } from "./overview_query.ts";
import { actionForm, messagePage, page } from "./page.ts";
import { crossSiteReason, isTokenValid, newToken, SECURITY_HEADERS, tokenCookie, tokenOf } from "./security.ts";
import { SharedView, SharedViews } from "./shared_view.ts";
import { taskMain, type TaskPageSettings, taskView } from "./task_page.ts";
import type { DashboardSettings } from "./settings.ts";
import { type CreateView, hash, type Snapshot, versionOf, type View } from "./view.ts";
import { ASSETS } from "./assets/assets.ts";

/** The number of viewers that get live updates. */
const MAX_VIEWERS = 100;

/** Answers requests. */
export class Pages {
  readonly #settings: DashboardSettings;
  readonly #live: LiveTasks;
  readonly #views = new SharedViews();
  /** The rows of tasks as viewers with live updates get them. */
  readonly #rows = new WeakMap<WatchedTask, Html>();
  readonly #assets: string = hash(Object.values(ASSETS).map(({ text }) => text).join());

  /**
   * Creates the answers.
   *
   * @param settings The settings of the dashboard.
   * @param live The loop that all viewers share.
   */
  constructor(settings: DashboardSettings, live: LiveTasks) {
    this.#settings = settings;
    this.#live = live;
  }

  /** Answers with the page of all tasks. */
  async overview(context: Context): Promise<Response> {
    const slash = missingSlash(context);
    if (slash !== undefined) return redirect(slash, 308);
    const snapshot = await this.#readAll();
    const settings = this.#overviewSettings(context);
    const view = overviewView(snapshot, settings);
    const query = overviewQueryText(settings.query);
    const heading = markup`<h1>${this.#settings.title}</h1>`;
    return this.#page(context, {
      view,
      heading,
      main: overviewMain(view, settings),
      query,
      viewName: "overview",
      snapshot,
      status: snapshot.error === undefined ? 200 : 503,
    });
  }

  /** Answers with the page of a task. */
  async task(context: Context): Promise<Response> {
    const name = context.req.query("name") ?? "";
    let task: WatchedTask | null;
    try {
      task = await this.#settings.source.read(name);
    } catch (error) {
      return this.message(503, `The task cannot be read: ${this.#settings.errorText(error)}`);
    }
    if (!task) return this.message(404, `There is no task of this name: ${name}`);
    this.#settings.takeovers.see(task);
    const nowMs = this.#nowMs;
    const settings = this.#taskPageSettings(task, nowMs, undefined);
    const view = taskView(task, settings);
    return this.#page(context, {
      view,
      heading: markup`
        <nav aria-label="Path"><a href="./">${this.#settings.title}</a> /</nav>
        <h1><bdi>${name}</bdi></h1>
      `,
      main: taskMain(view, settings),
      query: `?name=${encoded(name)}`,
      viewName: "task",
      snapshot: { tasks: [task], error: undefined, nowMs },
      status: 200,
    });
  }

  /** Answers with an event stream. */
  events(context: Context): Response {
    const { clock, signal } = this.#settings;
    if (this.#live.viewers >= MAX_VIEWERS) return this.#respond("Too many viewers\n", 503, "text/plain; charset=utf-8");
    const name = context.req.query("name");
    const address = name === undefined ? overviewQueryText(this.#overviewSettings(context).query) : `task?${name}`;
    const { view, release } = this.#views.use(
      address,
      () => new SharedView(name === undefined ? this.#overviewOf(context) : this.#taskOf(name), name),
    );
    const stream = eventStream({
      live: this.#live,
      clock,
      view,
      onEnd: release,
      version: context.req.header("last-event-id") ?? context.req.query("version"),
      signal,
    });
    return this.#respond(stream, 200, "text/event-stream; charset=utf-8", { "x-accel-buffering": "no" });
  }

  #overviewOf(context: Context): CreateView {
    const settings = this.#overviewSettings(context);
    const rows = this.#rows;
    return (snapshot, nowMs) => overviewView(snapshot, { ...settings, nowMs, rows });
  }

  #taskOf(name: string): CreateView {
    return ({ tasks: [task], error }, nowMs) =>
      task ? taskView(task, this.#taskPageSettings(task, nowMs, error)) : removedView(name, error);
  }

  /** Does what a button asks for, if the request comes from a page of this dashboard. */
  async act(context: Context): Promise<Response> {
    const request = context.req.raw;
    const { source, clock, by } = this.#settings;
    const crossSite = crossSiteReason(request);
    if (crossSite !== undefined) return this.message(403, `Nothing was changed, as ${crossSite}.`);
    const fields: Record<string, unknown> = await context.req.parseBody().catch(() => ({}));
    if (!isTokenValid(request, fields["token"])) {
      return this.message(403, "Nothing was changed, as the page is too old. Reload it, and try again.");
    }
    const asked = askedAction(fields);
    if (!asked) return this.message(400, "Nothing was changed, as the form names no action.");
    let task: WatchedTask | null;
    try {
      task = await source.read(asked.name);
    } catch (error) {
      return this.message(503, `Nothing was changed, as the task cannot be read: ${this.#settings.errorText(error)}`);
    }
    try {
      if (!task) return this.message(404, `There is no task of this name: ${asked.name}`);
      const { run, pause } = possibleActions(source, task);
      if (!(asked.action === "run" ? run : pause)) {
        return this.message(409, "Nothing was changed, as this task has no record that can be changed.");
      }
      const reason = typeof fields["reason"] === "string" ? fields["reason"].trim() : "";
      await perform(source, {
        ...asked,
        by: by(request),
        reason: reason === "" ? undefined : printableText(reason, MAX_TEXT_LENGTH),
        clock,
      });
    } catch (error) {
      return this.message(409, this.#settings.errorText(error));
    }
    return redirect(returnAddress(fields, asked.name), 303);
  }

  /** Answers with a file that pages load. */
  asset(context: Context, name: string): Response {
    const { type = "", text = "" } = ASSETS[name] ?? {};
    const isCurrent = context.req.query("v") === this.#assets;
    return this.#respond(text, 200, type, {
      "cache-control": isCurrent ? "private, max-age=31536000, immutable" : "no-cache",
    });
  }

  /** Answers a request to a host that is none of those in the options. */
  misdirected(): Response {
    return this.#respond("This dashboard is not served under this host\n", 421, "text/plain; charset=utf-8");
  }

  /** Answers with a message. */
  message(status: number, text: string): Response {
    return this.#html(messagePage(this.#settings.title, text, "./", this.#nowMs, this.#frame), status);
  }

  get #nowMs(): number {
    return this.#settings.clock.nowMs();
  }

  get #frame(): { readonly assets: string } {
    return { assets: this.#assets };
  }

  async #readAll(): Promise<Snapshot> {
    const { source, takeovers } = this.#settings;
    try {
      const tasks = await source.list();
      for (const task of tasks) takeovers.see(task);
      return { tasks, error: undefined, nowMs: this.#nowMs };
    } catch (error) {
      return { tasks: [], error: this.#settings.errorText(error), nowMs: this.#nowMs };
    }
  }

  #overviewSettings(context: Context): OverviewSettings {
    const { title, describe, hasActions } = this.#settings;
    const query = parseOverviewQuery(new URL(context.req.url).searchParams);
    return { title, describe, hasActions, query, nowMs: this.#nowMs, actionsOf: (task) => this.#actionsOf(task) };
  }

  #taskPageSettings(task: WatchedTask, nowMs: number | undefined, error: string | undefined): TaskPageSettings {
    const { title, describe, takeovers, source } = this.#settings;
    const { name } = task;
    return {
      title,
      nowMs,
      description: describe(name),
      actions: this.#actionsOf(task),
      takeovers: takeovers.of(name),
      replicas: takeovers.replicasOf(name),
      dueTimes: nextDueTimes(task, source.schedulerOf(name), this.#nowMs),
      error,
    };
  }

  #actionsOf(task: WatchedTask): { run: boolean; pause: boolean } {
    return this.#settings.hasActions ? possibleActions(this.#settings.source, task) : { run: false, pause: false };
  }

  #page(context: Context, content: {
    readonly view: View;
    readonly heading: Html;
    readonly main: Html;
    readonly query: string;
    readonly viewName: string;
    readonly snapshot: Snapshot;
    readonly status: number;
  }): Response {
    const { view, heading, main, query, viewName, snapshot, status } = content;
    const request = context.req.raw;
    const events = `events${query}${query === "" ? "?" : "&"}version=${versionOf(snapshot)}`;
    const known = this.#settings.hasActions ? tokenOf(request) : undefined;
    const token = known ?? newToken();
    const form = this.#settings.hasActions ? actionForm(token, { view: viewName, query }) : undefined;
    const text = page({ title: view.title, heading, main, events, nowMs: snapshot.nowMs, form }, this.#frame);
    const hasNewToken = this.#settings.hasActions && known === undefined;
    return this.#html(text, status, hasNewToken ? { "set-cookie": tokenCookie(token, request) } : {});
  }

  #html(text: Html, status: number, headers: Readonly<Record<string, string>> = {}): Response {
    return this.#respond(`${text}`, status, "text/html; charset=utf-8", headers);
  }

  #respond(
    body: string | ReadableStream<Uint8Array<ArrayBuffer>>,
    status: number,
    type: string,
    headers: Readonly<Record<string, string>> = {},
  ): Response {
    return new Response(body, {
      status,
      headers: { ...SECURITY_HEADERS, "content-type": type, "cache-control": "no-store", ...headers },
    });
  }
}

/** Returns the relative address with the slash that the path of the overview lacks; `undefined` if it has one. */
function missingSlash(context: Context): string | undefined {
  // Express removes the path of the mount from the URL, and keeps it here
  const incoming = (context.env as { incoming?: { originalUrl?: unknown } } | undefined)?.incoming?.originalUrl;
  const url = new URL(typeof incoming === "string" ? incoming : context.req.url, context.req.url);
  if (url.pathname.endsWith("/")) return undefined;
  // with a dot, as a name such as `https:` in front would be another address
  return `./${url.pathname.slice(url.pathname.lastIndexOf("/") + 1)}/${url.search}`;
}

/** Answers with another address, relative to that of the request. */
function redirect(location: string, status: 303 | 308): Response {
  return new Response(null, { status, headers: { ...SECURITY_HEADERS, location, "cache-control": "no-store" } });
}

/** Returns the address of the page that a form was on. */
function returnAddress(fields: Readonly<Record<string, unknown>>, name: string): string {
  if (fields["view"] === "task") return taskAddress(name);
  const query = typeof fields["query"] === "string" ? fields["query"] : "";
  return `./${overviewQueryText(parseOverviewQuery(new URLSearchParams(query)))}#${encoded(rowId(name))}`;
}

/** Returns the view of a task that is no longer there. */
function removedView(name: string, error: string | undefined): View {
  const text = error === undefined ? "This task is no longer there." : `The tasks cannot be read: ${error}`;
  return {
    title: name,
    parts: new Map([[
      "alert",
      markup`
        <div id="alert" role="alert">
          <p class="alert">${text}</p>
        </div>
      `,
    ]]),
  };
}
