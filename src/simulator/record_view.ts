/**
 * Records as a simulation reads them: by the rules that the original publishes, independently of the package's own parser.
 *
 * @module
 */

/** What the store holds. */
export interface RecordView {
  readonly kind: "none" | "status" | "foreign" | "newer";
  readonly bytes: number;
  /** Which rule of version 1 it breaks, if it does. */
  readonly fault: string | undefined;
  readonly state: string;
  readonly owner: string;
  readonly term: number;
  readonly startedMs: number;
  readonly scheduledMs: number | undefined;
  readonly heartbeatMs: number | undefined;
  readonly leaseMs: number | undefined;
  readonly write: string | undefined;
  readonly failures: number;
  readonly requestedMs: number | undefined;
  readonly pausedMs: number | undefined;
  readonly dueMs: number | undefined;
  /** The id of the standby to which the next run was handed. */
  readonly preferred: string | undefined;
  /** The ids of the standbys that check the next due times. */
  readonly standbys: readonly string[];
  /** How long the last run took that has ended. */
  readonly lastLengthMs: number;
}

const EMPTY: RecordView = {
  kind: "none",
  bytes: 0,
  fault: undefined,
  state: "idle",
  owner: "-",
  term: 0,
  startedMs: 0,
  scheduledMs: undefined,
  heartbeatMs: undefined,
  leaseMs: undefined,
  write: undefined,
  failures: 0,
  requestedMs: undefined,
  pausedMs: undefined,
  dueMs: undefined,
  preferred: undefined,
  standbys: [],
  lastLengthMs: 0,
};

const MAX_BYTES = 4_096;

/** The dates in records that `DateTime.parse` of the original reads. */
const DATE = /^[+-]?\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?Z?$/;

/** Reads a record. */
export function viewOf(value: Uint8Array | null | undefined): RecordView {
  if (!value?.length) return EMPTY;
  let fields: Record<string, unknown> = {};
  try {
    fields = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value)) ?? {};
  } catch {
    // foreign
  }
  const bytes = value.length;
  if (fields.format !== "neat-periodic-task-status") return { ...EMPTY, kind: "foreign", bytes };
  if (Number(fields.version) > 1) return { ...EMPTY, kind: "newer", bytes };
  const recent = (Array.isArray(fields.recent) ? fields.recent : []) as { length: number }[];
  return {
    kind: "status",
    bytes,
    fault: faultOf(fields, bytes),
    state: String(fields.state),
    owner: String(fields.owner),
    term: typeof fields.term === "number" ? fields.term : 0,
    startedMs: Date.parse(String(fields.started)),
    scheduledMs: timeOf(fields.scheduled),
    heartbeatMs: timeOf(fields.heartbeat),
    leaseMs: typeof fields.lease === "number" ? fields.lease : undefined,
    write: typeof fields.write === "string" ? fields.write : undefined,
    failures: typeof fields.failures === "number" ? fields.failures : 0,
    requestedMs: timeOf(fields.requested),
    pausedMs: timeOf(fields.paused),
    dueMs: timeOf(fields.due),
    preferred: typeof fields.preferred === "string" ? fields.preferred : undefined,
    standbys: (Array.isArray(fields.standbys) ? fields.standbys : []).map((standby) => String(standby?.id)),
    lastLengthMs: recent.at(-1)?.length ?? 0,
  };
}

function timeOf(value: unknown): number | undefined {
  return typeof value === "string" ? Date.parse(value) : undefined;
}

function faultOf(fields: Record<string, unknown>, bytes: number): string | undefined {
  if (bytes > MAX_BYTES) return `it has ${bytes} bytes`;
  if (fields.version !== 1) return `its version is ${fields.version}`;
  for (const field of ["state", "started", "owner"]) {
    if (typeof fields[field] !== "string") return `its ${field} is not a string`;
  }
  if (!DATE.test(fields.started as string)) return `the original cannot read its start, ${fields.started}`;
  if (!["idle", "running", "finished", "failed"].includes(fields.state as string)) {
    return `its state is ${fields.state}`;
  }
  if (fields.term !== undefined && !Number.isSafeInteger(fields.term)) return `its term is ${fields.term}`;
  return undefined;
}
