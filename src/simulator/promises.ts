/**
 * The promises that a simulation checks, by name.
 *
 * @module
 */

/** What each promise says. docs/guarantees.md has the assumptions of each. */
export const PROMISES = {
  "one-successor": "A version of the record has one successor.",
  "rising-term": "The term rises by one with each claim.",
  "stale-write": "A run never overwrites the record of another run.",
  "confirmed-claim": "A run starts on a confirmed claim of its own, and each claim is run once.",
  "claim-runs": "A claim that is confirmed in time is run.",
  "time-left": "A run starts with time left on its lease.",
  "abort-in-time": "A run is aborted when its lease or its timeout is over.",
  "lost-lease": "A run whose record shows another owner is aborted immediately.",
  "late-heartbeat": "No heartbeat is sent for a run that has ended or was aborted.",
  "lease-respected": "A run is taken over only after the end of its lease.",
  "no-overlap": "No two runs are active at once, until the signal of the first has aborted.",
  "overlap-reported": "A run that was taken over is reported.",
  "fenced-sink": "A sink that checks the term accepts the latest run, and each term from one run only.",
  "bounded-calls": "At most maxAbandoned + 1 calls of the task are unsettled in a process.",
  "not-early": "No run starts before it is due.",
  "on-the-grid": "Each run is for the latest due time of the record's schedule.",
  "start-deadline": "No run starts after its start deadline, unless it is triggered or requested.",
  "paused-task": "A paused task is not claimed.",
  "kept-change": "A pause stays until the task is resumed, and a request until a run is claimed.",
  "request-served": "A confirmed request leads to a claim.",
  "check-rate": "A scheduler checks the record about once a second at most, whatever hints the store gives.",
  "foreign-data": "Foreign data and records of a newer version are neither overwritten nor run.",
  "stop-leaves-nothing": "Nothing is left when stop() has resolved, or its result says what.",
  "stop-starts-nothing": "No claim and no run starts after the call of stop().",
  "stop-resolves": "stop() resolves in time.",
  "crash-takeover": "A crashed holder is replaced within its lease plus one check.",
  "future-record": "A record dated into the future delays others by one interval at most.",
  "due-run": "A due run is claimed in time as long as one replica is undisturbed.",
  "outage-recovery": "The next attempt comes within minCycle of the end of an outage.",
  "outage-rate": "Attempts during an outage stay below one a second.",
  "trigger-resolves": "trigger() resolves, with the outcome of a run that happened.",
  "distinct-versions": "Different records have different versions in the store.",
  "fresh-read": "A read returns a record that the store held after the read was sent.",
  "kept-write": "The store has carried out a write that it confirmed.",
  "no-rejection": "No rejection is left unhandled.",
  "log-lines": "START, FINISHED and FAILED are each logged once for a run, and as it went.",
  "alive-line": "ALIVE is logged only if the last run has finished and the next one is not due.",
  "readable-record": "Each record is valid by the rules of version 1, and has at most 4 KiB.",
  "own-check": "The check of the caller passes.",
} as const;

/** The name of a promise. */
export type PromiseName = keyof typeof PROMISES;
