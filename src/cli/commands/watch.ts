/**
 * The command `watch`.
 *
 * @module
 */
import { storeSource, type TaskSource } from "../../monitoring/task_source.ts";
import { delay } from "../../time/delay.ts";
import { type Command, type Invocation, STORE_OPTION } from "../command.ts";
import { parseDuration } from "../duration_text.ts";
import { EXIT } from "../exit_code.ts";
import { type StoreAccess, storeErrorOf, withStore } from "../store_access.ts";
import { withoutSecrets } from "../task_view.ts";
import { ChangeLines } from "../watch/change_lines.ts";
import { Screen } from "../watch/screen.ts";
import type { TaskView } from "../watch/view.ts";

const DEFAULT_INTERVAL_MS = 2_000;

/** The keys that end it: q, Ctrl-C, Ctrl-D and Escape. While keys are read, Ctrl-C is no signal. */
const QUIT = ["q", "Q", "\x03", "\x04", "\x1b"];

/** Returns whether one of the pressed keys ends it. Several may come at once, and keys such as the arrows send more than Escape. */
function hasQuit(keys: string): boolean {
  // deno-lint-ignore no-control-regex
  const plain = keys.replace(/\x1b(?:\[[\d;?]*[ -/]*[@-~]|O.)/g, "");
  return [...plain].some((key) => QUIT.includes(key));
}

/** Shows the tasks until it is ended. */
export const WATCH: Command = {
  name: "watch",
  summary: "show the tasks as they change",
  positionals: [],
  options: {
    ...STORE_OPTION,
    interval: { value: "DURATION", short: "i", help: "how often the store is read (default: 2s)" },
  },
  details: ["Ends with q or Ctrl-C. Without a terminal, it prints a line for each change."],
  run: async (invocation) => {
    const { interval } = invocation.values;
    const intervalMs = interval === undefined ? DEFAULT_INTERVAL_MS : parseDuration(interval, "interval", "watch");
    return await withStore(invocation, (access) => watch(invocation, access, intervalMs));
  },
};

async function watch(invocation: Invocation, access: StoreAccess, intervalMs: number): Promise<number> {
  const { io, isJson } = invocation;
  const source = storeSource(access.store, { clock: io.clock });
  const end = new AbortController();
  const isScreen = io.stdout.isTerminal && !isJson;
  const stops = [
    io.listen("signal", () => end.abort()),
    io.listen("closed", () => end.abort()),
    ...isScreen ? [io.listen("key", (keys) => hasQuit(keys) && end.abort())] : [],
  ];
  let view: TaskView | undefined;
  try {
    view = isScreen ? new Screen(invocation, access.address) : new ChangeLines(invocation);
    await showUntil(end.signal, { invocation, access, source, view, intervalMs });
  } finally {
    view?.close();
    for (const stop of stops) stop();
  }
  return EXIT.ok;
}

interface WatchOptions {
  readonly invocation: Invocation;
  readonly access: StoreAccess;
  readonly source: TaskSource;
  readonly view: TaskView;
  readonly intervalMs: number;
}

async function showUntil(end: AbortSignal, options: WatchOptions): Promise<void> {
  const { invocation: { io: { clock } }, access: { redact }, source, view, intervalMs } = options;
  let hasRead = false;
  while (!end.aborted) {
    try {
      const tasks = await source.list(end);
      view.show(tasks.map((task) => withoutSecrets(task, redact)));
      hasRead = true;
    } catch (error) {
      if (end.aborted) return;
      // a wrong store should be seen at once
      if (!hasRead) throw storeErrorOf(error, redact);
      view.fail(storeErrorOf(error, redact).message);
    }
    await delay(clock, intervalMs, end);
  }
}
