/**
 * The command line in a process: its streams, signals and child processes, by the modules of Node that Deno and Bun have too.
 *
 * @module
 */
import { hostname, userInfo } from "node:os";
import process from "node:process";
import type { ReadStream, WriteStream } from "node:tty";
import { systemClock } from "../time/clock.ts";
import type { CommandEvents, CommandIo, CommandOutput, EndSignal } from "./io.ts";
import { startChild } from "./run/child_process.ts";
import { serve } from "./http_server.ts";

/** The environment variables that the command line reads. Deno asks for the permission of each. */
const VARIABLES = ["NEAT_STORE", "NO_COLOR", "FORCE_COLOR", "TERM"] as const;

/** Returns the surroundings of the command line in this process. */
export function processIo(): CommandIo {
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: Object.fromEntries(VARIABLES.map((name) => [name, optional(() => process.env[name])])),
    clock: systemClock,
    user: optional(() => userInfo().username) ?? optional(() => process.env["USER"]),
    host: optional(hostname) ?? "localhost",
    openStore: async (url) => {
      const { openStore } = await import("../../stores/open.ts");
      return await openStore(url);
    },
    listen,
    start: startChild,
    serve,
  };
}

/** Returns `undefined` if Deno has no permission, or if the host does not know. */
function optional<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

function outputOf(stream: WriteStream): CommandOutput {
  // a reader such as `head` has what it wants
  stream.on("error", () => {});
  return {
    isTerminal: stream.isTTY === true,
    get size() {
      const { columns, rows } = stream;
      return columns > 0 && rows > 0 ? { columns, rows } : undefined;
    },
    write: (text) => void stream.write(text),
  };
}

function listen<Name extends keyof CommandEvents>(
  name: Name,
  listener: (event: CommandEvents[Name]) => void,
): () => void {
  const call = listener as (event: CommandEvents[keyof CommandEvents]) => void;
  if (name === "signal") return listenToSignals(call);
  if (name === "key") return listenToKeys(call);
  if (name === "closed") {
    const onError = ({ code }: { readonly code?: string }): void => {
      if (code === "EPIPE") call(undefined);
    };
    process.stdout.on("error", onError);
    return () => void process.stdout.off("error", onError);
  }
  const onResize = (): void => call(undefined);
  process.stdout.on("resize", onResize);
  return () => void process.stdout.off("resize", onResize);
}

const SIGNALS: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

function listenToSignals(listener: (signal: EndSignal) => void): () => void {
  const stops = SIGNALS.map((signal) => {
    const onSignal = (): void => listener(signal);
    process.on(signal, onSignal);
    return () => process.off(signal, onSignal);
  });
  return () => {
    for (const stop of stops) stop();
  };
}

function listenToKeys(listener: (keys: string) => void): () => void {
  const input = process.stdin as ReadStream;
  if (input.isTTY !== true) return () => {};
  const onData = (keys: string): void => listener(keys);
  input.setRawMode(true);
  input.setEncoding("utf8");
  input.on("data", onData);
  input.resume();
  return () => {
    input.off("data", onData);
    input.setRawMode(false);
    input.pause();
    input.unref?.();
  };
}
