/**
 * Child processes with all of their descendants.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { ChildCommand, ChildExit, CommandChild } from "../io.ts";

/** Windows has neither process groups nor signals: a program is ended, its descendants are not. */
const hasGroups = (): boolean => process.platform !== "win32";

/**
 * Starts a program in a process group of its own, so that signals reach its descendants too. No shell is involved.
 *
 * A watchdog ends the group if this process is killed: otherwise the program would go on beside the run that takes over.
 */
export function startChild({ program, args, env, graceMs }: ChildCommand): CommandChild {
  // before the program, as this process may be killed at any moment
  const watchdog = hasGroups() ? startWatchdog(graceMs) : undefined;
  const child = spawn(program, args, {
    detached: hasGroups(),
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (child.pid !== undefined) watchdog?.stdin?.write(`${child.pid}\n`);
  let hasExited = false;
  let isEnded = false;
  const exited = new Promise<ChildExit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      // descendants must not go on beside the next run; a program that ends by itself may leave some behind
      if (isEnded) killGroup(child, "SIGKILL");
      resolve({ code, signal });
    });
  }).finally(() => {
    hasExited = true;
    watchdog?.kill("SIGKILL");
  });
  return {
    exited,
    kill: (signal) => {
      if (hasExited) return;
      isEnded = true;
      killGroup(child, signal);
    },
  };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (hasGroups() && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // it has just ended
  }
}

/** Reads a process group, and ends it when standard input ends, which is when this process has ended. */
const WATCHDOG = 'read -r group && { read -r end; kill -s TERM -- "-$group"; sleep "$1"; kill -s KILL -- "-$group"; }';

/** Starts a small shell that ends a process group when this process is gone. It is in another group, as a terminal signals groups. */
function startWatchdog(graceMs: number): ChildProcess {
  const graceSeconds = String(Math.ceil(graceMs / 1_000));
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG, "neat-periodic-task", graceSeconds], {
    detached: true,
    // errors of the shell are of no use, as nobody is left to read them
    stdio: ["pipe", "ignore", "ignore"],
  });
  // without a shell there is no watchdog
  watchdog.once("error", () => {});
  watchdog.stdin?.on("error", () => {});
  return watchdog;
}
