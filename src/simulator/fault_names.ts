/**
 * The names of the faults that a simulation injects.
 *
 * @module
 */

/** The names of all faults. */
export const FAULT_NAMES = [
  "failBefore",
  "failAfter",
  "loseRequest",
  "loseReply",
  "delay",
  "landLate",
  "duplicate",
  "outage",
  "partition",
  "clockOffset",
  "clockRate",
  "clockJump",
  "pause",
  "suspend",
  "kill",
  "stop",
  "deploy",
  "trigger",
  "foreignRecord",
  "requestRun",
  "pauseTask",
  "unevenSchedule",
  "jitter",
  "firstOnSchedule",
  "startDeadline",
  "watch",
  "loseHint",
  "lateHint",
  "doubleHint",
  "falseHint",
  "floodOfHints",
  "watchEnds",
  "watchFails",
  "watchHangs",
  "dartReplica",
  "throwingListener",
  "taskThrows",
  "taskLate",
  "taskIgnoresAbort",
  "taskHangs",
] as const;

/**
 * A fault that a simulation injects, or an event that is no fault but may come at a bad moment.
 *
 * | name               | what happens                                                                            |
 * | ------------------ | --------------------------------------------------------------------------------------- |
 * | `failBefore`       | A call fails and has no effect.                                                         |
 * | `failAfter`        | A call takes effect and fails.                                                          |
 * | `loseRequest`      | A call has neither effect nor answer.                                                   |
 * | `loseReply`        | A call takes effect and has no answer.                                                  |
 * | `delay`            | A call arrives late, or its answer does.                                                |
 * | `landLate`         | A call takes effect long after its caller has stopped waiting.                          |
 * | `duplicate`        | A call arrives twice, and its answer is that to the second arrival.                     |
 * | `outage`           | All servers refuse calls for a while, drop them, or don't answer.                       |
 * | `partition`        | The same for the calls of one replica.                                                  |
 * | `clockOffset`      | Wall clocks are apart, by hours in some kinds of simulations.                           |
 * | `clockRate`        | Clocks run at different rates, by up to 5 % in some kinds of simulations.               |
 * | `clockJump`        | A wall clock is set forward or back.                                                    |
 * | `pause`            | A process is paused and resumed (SIGSTOP and SIGCONT).                                  |
 * | `suspend`          | A machine is suspended and resumed; its monotonic clock stands still meanwhile.         |
 * | `kill`             | A process is killed (SIGKILL), and another is started later.                            |
 * | `stop`             | A scheduler is stopped by `stop()`, and its replica is restarted later.                 |
 * | `deploy`           | All replicas are restarted one by one with other settings.                              |
 * | `trigger`          | `trigger()` is called.                                                                  |
 * | `foreignRecord`    | Something else replaces the record by other data, or by a record of a newer version.    |
 * | `requestRun`       | An operator requests a run by `requestRun()`.                                           |
 * | `pauseTask`        | An operator pauses the task by `pauseTask()`, and resumes it later.                     |
 * | `unevenSchedule`   | Schedulers have a schedule with uneven gaps, and deploys change it.                     |
 * | `jitter`           | Schedulers have a `jitter`.                                                             |
 * | `firstOnSchedule`  | Schedulers have their first run on schedule.                                            |
 * | `startDeadline`    | Schedulers have a `startDeadline`.                                                      |
 * | `watch`            | The store can be watched.                                                               |
 * | `loseHint`         | A watch gives no hint of a change.                                                      |
 * | `lateHint`         | A watch gives a hint late.                                                              |
 * | `doubleHint`       | A watch gives two hints of a change.                                                    |
 * | `falseHint`        | A watch gives a hint without a change.                                                  |
 * | `floodOfHints`     | A watch gives hints without end for a while.                                            |
 * | `watchEnds`        | A watch ends.                                                                           |
 * | `watchFails`       | A watch throws an error, at its start or later.                                         |
 * | `watchHangs`       | A watch neither gives hints nor ends.                                                   |
 * | `dartReplica`      | Some replicas are those of Dart's neat_periodic_task.                                   |
 * | `throwingListener` | Some loggers and listeners throw.                                                       |
 * | `taskThrows`       | A task throws.                                                                          |
 * | `taskLate`         | A task takes about as long as its timeout, or longer.                                   |
 * | `taskIgnoresAbort` | A task goes on for a while after its signal has aborted.                                |
 * | `taskHangs`        | A task never returns.                                                                   |
 */
export type FaultName = typeof FAULT_NAMES[number];
