/** Prints the timelines of some worlds: run by tests in other processes and runtimes. */
import { worlds } from "./some_worlds.ts";

console.log(await worlds());
