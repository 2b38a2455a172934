/** One deployment that changes the due times of a task, on a Tuesday. */
export interface ChangedDueTimesRow {
  /**
   * The due times before: `03:00` of a schedule with one a day, `hourly` of one at each full hour,
   * `12:00 + 20 min` of one whose jitter delays it by so much, or an interval.
   */
  readonly before: string;
  readonly after: string;
  readonly deployed: string;
  /** The last run before the deployment. If a due time has passed since then, it was missed. */
  readonly lastRun: string;
  /** The starts of the next runs. */
  readonly nextRuns: readonly string[];
}

function row(
  before: string,
  after: string,
  deployed: string,
  lastRun: string,
  ...nextRuns: string[]
): ChangedDueTimesRow {
  return { before, after, deployed, lastRun, nextRuns };
}

/** The table of docs/scheduling.md. */
export const CHANGED_DUE_TIMES_ROWS: readonly ChangedDueTimesRow[] = [
  // moved later
  row("03:00", "04:00", "Tue 02:00", "Mon 03:00", "Tue 04:00", "Wed 04:00"),
  row("03:00", "04:00", "Tue 02:00", "Sun 03:00", "Tue 02:00", "Tue 04:00", "Wed 04:00"),
  row("03:00", "04:00", "Tue 03:30", "Tue 03:00", "Tue 04:00", "Wed 04:00"),
  row("03:00", "04:00", "Tue 03:30", "Mon 03:00", "Tue 04:00", "Wed 04:00"),
  row("03:00", "04:00", "Tue 12:00", "Tue 03:00", "Wed 04:00", "Thu 04:00"),
  row("03:00", "04:00", "Tue 12:00", "Mon 03:00", "Tue 12:00", "Wed 04:00"),
  // moved earlier
  row("13:00", "12:00", "Tue 11:00", "Mon 13:00", "Tue 12:00", "Wed 12:00"),
  row("13:00", "12:00", "Tue 11:00", "Sun 13:00", "Tue 11:00", "Tue 12:00", "Wed 12:00"),
  row("13:00", "12:00", "Tue 12:30", "Mon 13:00", "Tue 13:00", "Wed 12:00"),
  row("13:00", "12:00", "Tue 12:30", "Sun 13:00", "Tue 12:30", "Wed 12:00"),
  row("13:00", "12:00", "Tue 14:00", "Tue 13:00", "Wed 12:00", "Thu 12:00"),
  row("13:00", "12:00", "Tue 14:00", "Mon 13:00", "Tue 14:00", "Wed 12:00"),
  // more and less often
  row("hourly", "03:00", "Tue 12:30", "Tue 12:00", "Wed 03:00", "Thu 03:00"),
  row("hourly", "03:00", "Tue 12:30", "Tue 11:00", "Tue 12:30", "Wed 03:00"),
  row("03:00", "hourly", "Tue 12:30", "Tue 03:00", "Tue 13:00", "Tue 14:00"),
  row("03:00", "hourly", "Tue 12:30", "Mon 03:00", "Tue 12:30", "Tue 13:00"),
  // another jitter
  row("12:00", "12:00 + 20 min", "Tue 12:10", "Tue 12:00", "Wed 12:20", "Thu 12:20"),
  row("12:00", "12:00 + 20 min", "Tue 12:10", "Mon 12:00", "Tue 12:20", "Wed 12:20"),
  row("12:00 + 20 min", "12:00", "Tue 12:10", "Mon 12:20", "Tue 12:20", "Wed 12:00"),
  row("12:00 + 20 min", "12:00", "Tue 12:30", "Mon 12:20", "Tue 12:30", "Wed 12:00"),
  row("12:00 + 20 min", "12:00", "Tue 12:30", "Tue 12:20", "Wed 12:00", "Thu 12:00"),
  // intervals
  row("every 24 h", "12:00", "Tue 12:30", "Mon 13:00", "Tue 13:00", "Wed 12:00"),
  row("every 24 h", "14:00", "Tue 12:30", "Mon 13:00", "Tue 14:00", "Wed 14:00"),
  row("12:00", "every 24 h", "Tue 12:30", "Tue 12:00", "Wed 12:00", "Thu 12:00"),
  row("12:00", "every 24 h", "Tue 12:30", "Mon 12:00", "Tue 12:30", "Wed 12:00"),
  row("12:00", "every 6 h", "Tue 12:30", "Mon 12:00", "Tue 12:30", "Tue 18:00"),
  row("every 6 h", "every 8 h", "Tue 12:30", "Tue 12:00", "Tue 20:00", "Wed 04:00"),
  row("every 8 h", "every 6 h", "Tue 12:30", "Tue 06:00", "Tue 12:30", "Tue 18:00"),
];
