/**
 * Fixed limits and lengths of time.
 *
 * They stand in a module of their own, as bundlers put numbers in the place of names that nothing is imported before.
 *
 * @module
 */

/** The longest delay that timers keep; a longer one would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** A timer that fires early by no more than this is not worth a look. */
export const EARLY_MS = 50;

/** How many turns of the microtask queue are enough for what is about to settle. */
export const SETTLING_TURNS = 20;

/** Where the two clocks of a host part by more, one of them has jumped. A little they may: fakes leave the monotonic one real. */
export const JUMP_MS = 1_000;

/** No duration is longer: some 27,000 years, so that sums of a few with the present time stay valid dates. */
export const MAX_DURATION_MS = 864e12;

/** No date is later, and none earlier than its opposite. */
export const MAX_DATE_MS = 864e13;

/** HTTP servers tell their time cut to whole seconds. */
export const COARSE_MS = 1_000;

/** No call to a store is waited for longer. */
export const MAX_CALL_MS = 10_000;

/** A replica that stops does not wait longer than this for a store. */
export const LAST_CALL_MS = 1_000;

/** The shortest wait after an error, unless a lease leaves less time. */
export const BACKOFF_MS = 1_000;

/** How long the first in line is waited for at the most, besides the length of the last run. */
export const MAX_PATIENCE_MS = 30_000;

/** Over how long a time replicas spread their looks at the most. */
export const MAX_SPREAD_MS = 1_000;

/** How long a holder may pause just before it would stop, and still be in time. */
export const MAX_PAUSE_MS = 1_000;

/** A shorter lease may be over before a store on the network has answered. */
export const SHORT_LEASE_MS = 1_000;

/** No lease is believed that is longer than this, and than ten of our own leases and intervals. */
export const LONG_LEASE_MS = 86_400_000;

/** After so many claims in a row that a store refuses without reason, a warning is due. */
export const LOST_CLAIMS = 3;

/** How many runs may be triggered one after the other before others get their turn of the event loop. */
export const RUNS_A_TURN = 10;

/** The highest term there is: a record that has it cannot be claimed, as the next term could not be told from it. */
export const MAX_TERM: number = Number.MAX_SAFE_INTEGER;

/** The version of the records that this package writes. */
export const VERSION = 1;

/** A record keeps no more characters of an error. */
export const MAX_ERROR_LENGTH = 500;

/** A record keeps no more runs. */
export const MAX_RECENT = 20;
