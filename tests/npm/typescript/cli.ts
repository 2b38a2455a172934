/** Uses every name that the command line exports, and has lines that must not compile. */
import {
  type ChildCommand,
  type ChildExit,
  type ChildLimits,
  type Clock,
  type CommandChild,
  type CommandEvents,
  type CommandIo,
  type CommandOutput,
  type CommandServer,
  type EndSignal,
  main,
  type OpenedStore,
  runMain,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
} from "@neat/periodic-task/cli";

/** A stream that keeps what is written. */
export class Output implements CommandOutput {
  readonly isTerminal = false;
  readonly size: undefined;
  text = "";

  write(text: string): void {
    this.text += text;
  }
}

/** Runs a command with the surroundings of a test. */
export async function use(clock: Clock, store: OpenedStore, options: StoreCallOptions): Promise<unknown> {
  const exit: ChildExit = { code: 0, signal: null };
  const child: CommandChild = {
    exited: Promise.resolve(exit),
    kill: (signal: EndSignal | "SIGKILL") => void signal,
    limit: (limits: ChildLimits) => void limits.killMs,
  };
  const server: CommandServer = { port: 80, close: () => Promise.resolve() };
  const io: CommandIo = {
    stdout: new Output(),
    stderr: new Output(),
    env: { NEAT_STORE: "memory:" },
    clock,
    user: undefined,
    host: "web-1",
    openStore: () => Promise.resolve(store),
    listen: (name: keyof CommandEvents) => () => void name,
    start: ({ program }: ChildCommand) => program === "" ? { ...child } : child,
    serve: () => Promise.resolve(server),
  };
  const same: StatusStore = store;
  const entry: StatusEntry | null = await same.read("task", options);
  const code: number = await main(["list"], io);
  // @ts-expect-error the arguments are texts
  await main([1], io);
  const end: Promise<void> = runMain();
  return [entry, code, end];
}
