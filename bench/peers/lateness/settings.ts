import type { CandidateName } from "../in_process/candidates.ts";

export const FLOOR = "self-correcting setTimeout";
export const OURS = "this package";
export const ORIGINAL = "the original's algorithm";

/** Candidates whose due times depend on when a task was added. */
const BY_INTERVAL: readonly CandidateName[] = [FLOOR, OURS, ORIGINAL, "toad-scheduler"];

/** All candidates of this part. */
export const CANDIDATES: readonly CandidateName[] = [...BY_INTERVAL, "cron", "node-cron", "node-schedule", "croner"];

/** The number of tasks, the length of their runs, and the time over which they are added. */
export interface Setting {
  readonly title: string;
  readonly tasks: number;
  readonly taskMs: number;
  readonly spreadMs: number;
  readonly candidates: readonly CandidateName[];
}

export const SETTINGS: readonly Setting[] = [
  { title: "1 task of 0 ms", tasks: 1, taskMs: 0, spreadMs: 0, candidates: CANDIDATES },
  { title: "1 task of 300 ms", tasks: 1, taskMs: 300, spreadMs: 0, candidates: CANDIDATES },
  { title: "1,000 tasks of 0 ms, due at once", tasks: 1_000, taskMs: 0, spreadMs: 0, candidates: CANDIDATES },
  { title: "1,000 tasks of 300 ms, due at once", tasks: 1_000, taskMs: 300, spreadMs: 0, candidates: CANDIDATES },
  {
    title: "1,000 tasks of 0 ms, spread over the second",
    tasks: 1_000,
    taskMs: 0,
    spreadMs: 1_000,
    candidates: BY_INTERVAL,
  },
];

/** The setting of the short form. */
export const SHORT: readonly Setting[] = [
  { title: "10 tasks of 300 ms", tasks: 10, taskMs: 300, spreadMs: 0, candidates: CANDIDATES },
];
