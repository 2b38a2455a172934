import type { ContestantName } from "../node/contestants.ts";

export const FLOOR = "self-correcting setTimeout";
export const OURS = "this package";
export const ORIGINAL = "the original's algorithm";

/** Those whose slots lie where their tasks were added. */
const BY_INTERVAL: readonly ContestantName[] = [FLOOR, OURS, ORIGINAL, "toad-scheduler"];

/** All that are compared. */
export const CONTESTANTS: readonly ContestantName[] = [...BY_INTERVAL, "cron", "node-cron", "node-schedule", "croner"];

/** How many tasks, how long each takes, and over how long a time they are added. */
export interface Setting {
  readonly title: string;
  readonly tasks: number;
  readonly taskMs: number;
  readonly spreadMs: number;
  readonly contestants: readonly ContestantName[];
}

export const SETTINGS: readonly Setting[] = [
  { title: "1 task of 0 ms", tasks: 1, taskMs: 0, spreadMs: 0, contestants: CONTESTANTS },
  { title: "1 task of 300 ms", tasks: 1, taskMs: 300, spreadMs: 0, contestants: CONTESTANTS },
  { title: "1,000 tasks of 0 ms, due at once", tasks: 1_000, taskMs: 0, spreadMs: 0, contestants: CONTESTANTS },
  { title: "1,000 tasks of 300 ms, due at once", tasks: 1_000, taskMs: 300, spreadMs: 0, contestants: CONTESTANTS },
  {
    title: "1,000 tasks of 0 ms, spread over the second",
    tasks: 1_000,
    taskMs: 0,
    spreadMs: 1_000,
    contestants: BY_INTERVAL,
  },
];

/** Of the short form. */
export const SHORT: readonly Setting[] = [
  { title: "10 tasks of 300 ms", tasks: 10, taskMs: 300, spreadMs: 0, contestants: CONTESTANTS },
];
