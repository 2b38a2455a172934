/**
 * Checks of the command line as real processes, for each runtime: programs, signals, deadlines, and the takeover of a killed one.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { ChildProcess } from "../../internal/processes/child_process.ts";

/** How a runtime runs the command line. */
export interface CommandLineProgram {
  readonly command: string;
  /** The arguments before those of the command line. */
  readonly args: readonly string[];
}

/** Longer than any wait of a check. */
const LIMIT_MS = 60_000;

/** A process of the command line, with its lines on standard output. */
class Process implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly child: ChildProcess;
  #wake: () => void = () => {};

  constructor({ command, args }: CommandLineProgram, folder: string, own: readonly string[]) {
    this.child = new ChildProcess({
      command,
      args: [...args, ...own],
      cwd: folder,
      env: { NEAT_STORE: "sqlite:./tasks.db", NO_COLOR: "1", NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" },
      onLine: (line) => {
        this.lines.push(line);
        this.#wake();
      },
    });
  }

  /** Waits for a line. */
  async printed(pattern: RegExp): Promise<string> {
    const endMs = Date.now() + LIMIT_MS;
    for (;;) {
      const line = this.lines.find((line) => pattern.test(line));
      if (line !== undefined) return line;
      const leftMs = endMs - Date.now();
      assert(
        leftMs > 0 && !this.child.exit,
        `no line matches ${pattern}:\n${this.lines.join("\n")}\n${this.child.lastOutput}`,
      );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(leftMs, 500));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Waits for the end. Returns the exit code. */
  async code(): Promise<number> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`no end within ${LIMIT_MS} ms: ${this.lines.join()}`)),
      LIMIT_MS,
    );
    try {
      return (await Promise.race([this.child.exited, late.promise])).code;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.signal("SIGKILL");
    // a program that is left behind holds the output open
    for (const [, pid] of this.lines.join("\n").matchAll(/^started-\d+-(\d{2,})$/gm)) killGroup(Number(pid));
    await this.child[Symbol.asyncDispose]();
  }
}

/** Ends a process group, if it exists. */
function killGroup(pid: number): void {
  try {
    // not by the program of this name: some take a negative number for -1, which is every process
    process.kill(-pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

/** Starts a process of the command line. */
export type StartCommandLine = (...args: readonly string[]) => Process;

/** A program for `run` that prints what happens to it. It never ends by itself. */
const PRINTS_SIGNALS = `
for name in TERM INT; do trap "echo got-$name; exit 0" $name; done
echo "started-$NEAT_RUN_TERM-$$"
while :; do sleep 0.1; done`;

/** A program that ignores signals, and has a descendant that ignores them too. */
const IGNORES_SIGNALS = `
trap "" TERM INT
sh -c 'trap "" TERM INT; echo "descendant $$"; while :; do sleep 0.1; done' &
echo "started-$NEAT_RUN_TERM-$$"
while :; do sleep 0.1; done`;

function runArgs(script: string, ...options: readonly string[]): string[] {
  return ["run", "--name", "shared", "--every", "1h", ...options, "--", "sh", "-c", script];
}

/** Whether a process exists and is no zombie. */
async function isAlive(pid: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid], stderr: "null" }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

async function untilDead(pid: string): Promise<void> {
  const endMs = Date.now() + LIMIT_MS;
  while (await isAlive(pid)) {
    assert(Date.now() < endMs, `the process ${pid} is still alive`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function jsonOf(start: StartCommandLine, name: string): Promise<{ status: Record<string, unknown> }> {
  await using show = start("show", name, "--json");
  assertEquals(await show.code(), 0);
  return JSON.parse(show.lines.join("\n"));
}

/** The checks, by their names. */
const CHECKS: Readonly<Record<string, (start: StartCommandLine) => Promise<void>>> = {
  "run passes output and exit codes on": async (start) => {
    await using failing = start(...runArgs("echo out; echo err >&2; exit 3", "--timeout", "30s", "--once"));
    assertEquals(await failing.code(), 1);
    assertEquals(failing.lines, ["out"]);
    assertMatch(failing.child.lastOutput, /^err$/m);
    assertMatch(failing.child.lastOutput, /^### \[FAILED\] neat-periodic-task: "shared": exit code 3$/m);
    const { status } = await jsonOf(start, "shared");
    assertEquals([status["state"], status["error"]], ["failed", "Error: exit code 3"]);
    await using doctor = start("doctor");
    assertEquals(await doctor.code(), 0);
    await using unknown = start("pause", "shard");
    assertEquals(await unknown.code(), 4);
  },

  "run hands SIGTERM and SIGINT on to the program, and waits for it": async (start) => {
    for (const signal of ["TERM", "INT"] as const) {
      await using run = start(...runArgs(PRINTS_SIGNALS, "--timeout", "10m"));
      await run.printed(/^started-/);
      run.child.signal(`SIG${signal}`);
      assertEquals(await run.code(), 0);
      assert(run.lines.includes(`got-${signal}`), run.lines.join());
      const { status } = await jsonOf(start, "shared");
      assertEquals(status["state"], "finished");
      await using reset = start("reset", "shared");
      assertEquals(await reset.code(), 0);
    }
  },

  "run ends a program and its descendants at the timeout": async (start) => {
    await using run = start(...runArgs(IGNORES_SIGNALS, "--timeout", "1s", "--grace", "1s", "--once"));
    const descendant = (await run.printed(/^descendant /)).split(" ")[1] ?? "";
    assertEquals(await run.code(), 1);
    await untilDead(descendant);
    const { status } = await jsonOf(start, "shared");
    assertEquals(status["error"], "Error: timed out after 1s: killed by SIGKILL");
  },

  "run leaves no descendant behind if only the program obeys SIGTERM": async (start) => {
    const script = IGNORES_SIGNALS.replace('trap "" TERM INT', "");
    await using run = start(...runArgs(script, "--timeout", "1s", "--grace", "30s", "--once"));
    const descendant = (await run.printed(/^descendant /)).split(" ")[1] ?? "";
    assertEquals(await run.code(), 1);
    await untilDead(descendant);
    const { status } = await jsonOf(start, "shared");
    assertEquals(status["error"], "Error: timed out after 1s: killed by SIGTERM");
  },

  "run ends the descendants that a program leaves behind, before the run ends": async (start) => {
    const script = `sh -c 'trap "" TERM; echo "descendant $$"; while :; do sleep 0.1; done' &
sleep 0.5; exit 0`;
    await using run = start(...runArgs(script, "--timeout", "30s", "--grace", "1s", "--once"));
    const descendant = (await run.printed(/^descendant /)).split(" ")[1] ?? "";
    assertEquals(await run.code(), 0);
    assertEquals(await isAlive(descendant), false);
    const { status } = await jsonOf(start, "shared");
    assertEquals(status["state"], "finished");
  },

  "a stopped run, as by Ctrl-Z, has its program ended before another one takes over": async (start) => {
    const options = ["--timeout", "10m", "--lease", "6s", "--grace", "2s"];
    await using first = start(...runArgs(IGNORES_SIGNALS, ...options, "--instance", "first"));
    const descendant = (await first.printed(/^descendant /)).split(" ")[1] ?? "";
    const program = (await first.printed(/^started-1-/)).split("-")[2] ?? "";
    await using second = start(...runArgs(PRINTS_SIGNALS, ...options, "--instance", "second"));
    first.child.signal("SIGSTOP");
    await second.printed(/^started-2-/);
    assertEquals([await isAlive(program), await isAlive(descendant)], [false, false]);
    first.child.signal("SIGKILL");
    second.child.signal("SIGTERM");
    assertEquals(await second.code(), 0);
  },

  "after kill -9 of the one that runs, its program ends and another one takes over": async (start) => {
    const options = ["--timeout", "10m", "--lease", "4s", "--grace", "1s"];
    await using first = start(...runArgs(IGNORES_SIGNALS, ...options, "--instance", "first"));
    const descendant = (await first.printed(/^descendant /)).split(" ")[1] ?? "";
    const program = (await first.printed(/^started-1-/)).split("-")[2] ?? "";
    await using second = start(...runArgs(PRINTS_SIGNALS, ...options, "--instance", "second"));
    first.child.signal("SIGKILL");
    await first.code();
    await second.printed(/^started-2-/);
    // both had less than the rest of the lease
    assertEquals([await isAlive(program), await isAlive(descendant)], [false, false]);
    const { status } = await jsonOf(start, "shared");
    assertEquals([status["state"], status["instance"], status["term"]], ["running", "second", 2]);
    second.child.signal("SIGTERM");
    assertEquals(await second.code(), 0);
  },
};

/** Runs each check as a step of a test, on a file of its own. */
export async function checkCommandLine(t: Deno.TestContext, program: CommandLineProgram): Promise<void> {
  for (const [name, check] of Object.entries(CHECKS)) {
    await t.step(name, async () => {
      const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
      try {
        await check((...args) => new Process(program, folder, args));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
}
