/** Prints some timelines. Tests run it in other processes and runtimes. */
import { sampleTimelines } from "./sample_timelines.ts";

console.log(await sampleTimelines());
