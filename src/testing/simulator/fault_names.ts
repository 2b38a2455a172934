/**
 * The faults of a simulated world, by the names under which they are counted and left out.
 *
 * @module
 */
/** All faults. */
export const FAULT_NAMES = [
  "failBefore",
  "failAfter",
  "loseRequest",
  "loseReply",
  "slow",
  "landLate",
  "arriveTwice",
  "outage",
  "partition",
  "offset",
  "rate",
  "jump",
  "pause",
  "suspend",
  "kill",
  "stop",
  "deploy",
  "trigger",
  "foreign",
  "request",
  "original",
  "rude",
  "throw",
  "late",
  "ignore",
  "hang",
] as const;

/**
 * A fault of a simulated world.
 *
 * | name          | what happens                                                                    |
 * | ------------- | ------------------------------------------------------------------------------- |
 * | `failBefore`  | A call fails and has no effect.                                                 |
 * | `failAfter`   | A call takes effect and fails.                                                  |
 * | `loseRequest` | A call has neither effect nor answer.                                           |
 * | `loseReply`   | A call takes effect and has no answer.                                          |
 * | `slow`        | A call arrives late, or its answer does.                                        |
 * | `landLate`    | A call takes effect long after its caller has given up.                         |
 * | `arriveTwice` | A call is repeated on its way: the answer is that to the repetition.            |
 * | `outage`      | The servers refuse all calls for a while, swallow them, or don't answer.        |
 * | `partition`   | The same for the calls of one replica.                                          |
 * | `offset`      | Wall clocks are apart, by hours in some worlds.                                 |
 * | `rate`        | Clocks go at different rates, by up to 5 % in some worlds.                      |
 * | `jump`        | A wall clock is set.                                                            |
 * | `pause`       | A process is held up (SIGSTOP).                                                 |
 * | `suspend`     | A machine sleeps, and its monotonic clock with it.                              |
 * | `kill`        | A process is killed (SIGKILL), and another is started later.                    |
 * | `stop`        | A replica is stopped in one of the ways that there are, and restarted later.    |
 * | `deploy`      | All replicas are restarted one by one with other settings.                      |
 * | `trigger`     | `trigger()` is called.                                                          |
 * | `foreign`     | Someone puts data of another format, or of a newer version, in the record's place. |
 * | `request`     | Someone asks for a run through the record.                                      |
 * | `original`    | Some replicas are those of the Dart original.                                   |
 * | `rude`        | Some loggers and listeners throw.                                               |
 * | `throw`       | A task throws.                                                                  |
 * | `late`        | A task takes about as long as its timeout, or longer.                           |
 * | `ignore`      | A task goes on for a while after its signal has aborted.                        |
 * | `hang`        | A task never returns.                                                           |
 */
export type FaultName = typeof FAULT_NAMES[number];
