/**
 * The promises that a simulated world checks, by name.
 *
 * @module
 */

/** What each promise says. The assumptions of each are in docs/promises.md, and in the code of its check. */
export const PROMISES = {
  "one-successor": "A version of the record has one successor.",
  "rising-term": "The term rises by one with each claim.",
  "stale-write": "A run never writes over the record of another.",
  "known-claim": "A run begins on a claim that is known to be its own, and once.",
  "won-claim": "A claim that is known to be won, in time, is run.",
  "time-left": "A run begins with time left on its lease.",
  "trust-ends": "A run is aborted when its lease or its timeout is over.",
  "lost-lease": "A run whose record is seen to be another's is aborted at once.",
  "late-heartbeat": "No heartbeat is sent for a run that has ended or was aborted.",
  "lease-respected": "A claim is taken over only when its lease is over.",
  "no-overlap": "No two runs at once, until the signal of the first has aborted.",
  "overlap-reported": "A run that was overtaken says so.",
  "fenced-sink": "A sink that checks the term accepts what the latest run sends, and each term from one run alone.",
  "bounded-bodies": "At most maxAbandoned + 1 bodies in a process.",
  "not-early": "No run before it is due.",
  "on-the-grid": "Each run is for the latest due time on the grid that the record keeps.",
  "others-data": "What is not our record, or of a newer version, is neither overwritten nor run.",
  "stop-leaves-nothing": "After stop() has answered nothing is left, or the answer says what is.",
  "stop-begins-nothing": "No claim and no run begin after stop() was called.",
  "stop-answers": "stop() answers in time.",
  "replaced": "A crashed holder is replaced within its lease plus one check.",
  "future-record": "A record dated into the future delays others by one interval at most.",
  "goes-on": "While one replica has no trouble, what is due is claimed in time.",
  "outage-return": "When the store is back, the next attempt comes within minCycle.",
  "outage-rate": "During an outage attempts stay below one a second.",
  "triggers-answered": "A trigger is answered, with the outcome of a run that there was.",
  "distinct-versions": "Records that differ have versions of the store that differ.",
  "fresh-read": "A read shows the record that the store held then.",
  "kept-write": "A write that the store has confirmed was carried out.",
  "no-rejection": "Nothing escapes as an unhandled rejection.",
  "log-lines": "START, FINISHED and FAILED are logged once for what happened.",
  "alive-line": "ALIVE is logged only when the last run has finished and the next one isn't due.",
  "readable-record": "Each record can be read by the rules of version 1, and has at most 4 KiB.",
  "own-check": "The check of the caller passes.",
} as const;

/** The name of a promise. */
export type PromiseName = keyof typeof PROMISES;
