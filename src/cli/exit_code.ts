/**
 * The exit codes of the command line.
 *
 * @module
 */

/** The exit codes of the command line. */
export const EXIT = {
  /** The command did what it was asked for. */
  ok: 0,
  /** A problem was found, or a run failed. */
  failed: 1,
  /** The arguments are wrong. */
  usage: 2,
  /** The store cannot be opened, does not answer, or has not confirmed a change. */
  store: 3,
  /** The store has no record of the task. */
  unknownTask: 4,
  /** A run is in progress that the change would harm. */
  running: 5,
} as const;

/** An exit code of the command line. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];
