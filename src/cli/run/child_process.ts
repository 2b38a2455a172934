/**
 * Child processes with all of their descendants.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { setTimeout } from "node:timers";
import type { ChildCommand, ChildExit, ChildLimits, CommandChild } from "../io.ts";

/** Windows has neither process groups nor signals: a program is ended, its descendants are not. */
const hasGroups = (): boolean => process.platform !== "win32";

/** How often a process group is asked whether it still exists, in milliseconds. */
const POLL_MS = 50;

/**
 * Starts a program in a process group of its own, so that signals reach its descendants too. No shell changes its arguments. If it
 * cannot be started, it ends with exit code 126 or 127, as in a shell.
 *
 * A watchdog ends the group if this process is killed, or does not renew its limits: otherwise the program would go on beside the run
 * that takes over.
 */
export function startChild({ program, args, env, graceMs, limits }: ChildCommand): CommandChild {
  const watchdog = hasGroups() ? startWatchdog(graceMs) : undefined;
  const stopWatchdog = (): void => watchdog && killGroup(watchdog, "SIGKILL");
  let child: ChildProcess;
  try {
    child = spawnProgram(program, args, { ...process.env, ...env });
  } catch (error) {
    stopWatchdog();
    return { exited: Promise.reject(error), kill: () => {}, limit: () => {} };
  }
  const tell = (line: string): void => void watchdog?.stdin?.write(`${line}\n`);
  // this process may be killed at any moment
  if (watchdog) whenReady(watchdog, () => child.stdin?.end("\n"));
  tell(String(child.pid ?? ""));
  tell(limitLine(limits));
  let hasExited = false;
  let isEnded = false;
  const exited = new Promise<ChildExit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      // descendants must not go on beside the next run
      if (isEnded) killGroup(child, "SIGKILL");
      endGroup(child, graceMs).then(() => resolve({ code, signal }), reject);
    });
  }).finally(() => {
    hasExited = true;
    stopWatchdog();
  });
  return {
    exited,
    kill: (signal) => {
      if (hasExited) return;
      isEnded = true;
      killGroup(child, signal);
    },
    limit: (limits) => {
      if (!hasExited) tell(limitLine(limits));
    },
  };
}

/** Waits for a line, and becomes the program then. Ends without it if this process is killed before. */
const STARTER = `
read -r start || exit
exec "$@" </dev/null`;

function spawnProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  if (!hasGroups()) return spawn(program, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  const starterArgs = ["-c", STARTER, "neat-periodic-task", program, ...args];
  const child = spawn("/bin/sh", starterArgs, { detached: true, env, stdio: ["pipe", "inherit", "inherit"] });
  child.stdin?.on("error", () => {});
  return child;
}

/** Ends what a program has left in its process group: SIGTERM, and SIGKILL after the grace. Resolves at once if it has left nothing. */
async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  if (!hasGroups() || !existsGroup(child)) return;
  killGroup(child, "SIGTERM");
  const endMs = performance.now() + graceMs;
  while (performance.now() < endMs) {
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
    if (!existsGroup(child)) return;
  }
  killGroup(child, "SIGKILL");
}

function existsGroup({ pid }: ChildProcess): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (hasGroups() && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // it has just ended
  }
}

/**
 * Reads a process group and its limits, and says that it is ready. Ends the group when standard input ends, which is when this
 * process has ended, or when the time of the last line is over. A line has the seconds until SIGTERM, and those from SIGTERM to
 * SIGKILL.
 */
const WATCHDOG = `
read -r group || exit
end() {
  kill -s TERM -- "-$group"
  sleep "$1"
  kill -s KILL -- "-$group"
}
timer=
while read -r seconds grace; do
  [ -z "$timer" ] || kill "$timer"
  { sleep "$seconds"; end "$grace"; } >/dev/null &
  [ -n "$timer" ] || { echo ready; exec >/dev/null; }
  timer=$!
done
[ -z "$timer" ] || kill "$timer"
end "$1"`;

/** Returns the limits as the watchdog reads them: a second late, as this process ends the program itself if it can. */
function limitLine({ termMs, killMs }: ChildLimits): string {
  const seconds = Math.floor(Math.max(0, termMs) / 1_000) + 1;
  return `${seconds} ${Math.max(0, Math.floor(killMs / 1_000) - seconds)}`;
}

/** Starts a small shell that ends a process group when this process is gone. It is in another group, as a terminal signals groups. */
function startWatchdog(graceMs: number): ChildProcess {
  const graceSeconds = String(Math.ceil(graceMs / 1_000));
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG, "neat-periodic-task", graceSeconds], {
    detached: true,
    // errors of the shell are of no use, as nobody is left to read them
    stdio: ["pipe", "pipe", "ignore"],
  });
  // without a shell there is no watchdog
  watchdog.once("error", () => {});
  watchdog.stdin?.on("error", () => {});
  return watchdog;
}

/** Calls back once, when the watchdog has read its first lines. Without a shell there is none to wait for. */
function whenReady(watchdog: ChildProcess, ready: () => void): void {
  const isReady = new Promise<void>((resolve) => {
    // not when the lines are written, which Bun reports too early
    watchdog.stdout?.once("data", resolve);
    watchdog.once("error", resolve);
    watchdog.once("exit", resolve);
  });
  isReady.then(ready);
}
