/**
 * The options of the dashboard.
 *
 * @module
 */
import type { NeatPeriodicTaskGroup } from "../group.ts";
import type { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { StatusStore } from "../store/store.ts";
import type { Clock } from "../time/clock.ts";
import type { Duration } from "../time/duration.ts";

/** The options of a dashboard that do not depend on its source. */
export interface DashboardCommonOptions {
  /**
   * Whether there are the buttons Run now, Pause and Resume. Serve such a dashboard behind a sign-in only.
   *
   * @default {false}
   */
  readonly actions?: boolean | undefined;
  /**
   * The values of the header `Host` that are answered, such as `localhost` and `tasks.example.com:8443`. Without a port, any port
   * will do. Other requests get the status 421.
   *
   * Set it for a dashboard without a sign-in, also on 127.0.0.1: a page of another site can point its own name at this address, and
   * would then be of the same origin.
   *
   * @default {any host}
   */
  readonly hosts?: readonly string[] | undefined;
  /** The title of the pages.  @default {"Tasks"} */
  readonly title?: string | undefined;
  /**
   * Returns the person who sends a request, for "paused by" and "requested by". It is cut to 100 characters.
   *
   * @default {"dashboard"}
   */
  readonly by?: ((request: Request) => string | undefined) | undefined;
  /** Returns some words about a task, which are shown below its name. */
  readonly describe?: ((name: string) => string | undefined) | undefined;
  /**
   * Returns the text of an error of the store or of an action, as pages show it: for example without the password in its URL.
   *
   * @default {the error as a text}
   */
  readonly errorText?: ((error: unknown) => string) | undefined;
  /** The number of due times without a finished run from which a task is overdue.  @default {3} */
  readonly missedDueTimes?: number | undefined;
  /**
   * The time from one read of all tasks to the next while somebody looks. Events of the schedulers of this process, and
   * changes of a store that can watch, are shown within about half a second.
   *
   * @default {5 seconds}
   */
  readonly refreshInterval?: Duration | undefined;
  /** Ends the live updates of all viewers, so that a server which waits for its connections can stop. */
  readonly signal?: AbortSignal | undefined;
  /** The clock, for tests.  @default {the system's clock} */
  readonly clock?: Clock | undefined;
}

/** The options of a dashboard: its source is either a group or a store. */
export type DashboardOptions =
  & DashboardCommonOptions
  & (
    | {
      /** The tasks of this process, with their schedules and explanations. */
      readonly group: NeatPeriodicTaskGroup | Iterable<NeatPeriodicTaskScheduler>;
      /** Not with a group. */
      readonly store?: undefined;
    }
    | {
      /** The store with the records of the tasks of any process. It must have the method `list()`. */
      readonly store: StatusStore;
      /** Not with a store. */
      readonly group?: undefined;
    }
  );
