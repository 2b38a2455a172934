import { cannot } from "../errors.ts";

/** Returns how far local time is ahead of UTC at a moment, in milliseconds. */
export type OffsetAt = (momentMs: number) => number;

const OFFSET = /GMT(?:(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d)(?::(?<seconds>\d\d))?)?$/;

/**
 * Returns the offsets of a time zone.
 *
 * @param timeZone The name of the zone.
 * @param doing The failed action, as messages name it after "Cannot".
 * @throws {RangeError} If the runtime does not know the time zone.
 */
export function offsetsOf(timeZone: string, doing: string): OffsetAt {
  const format = formatOf(timeZone, doing);
  return (momentMs) => {
    const text = format.format(momentMs);
    const groups = OFFSET.exec(text)?.groups;
    if (groups === undefined) throw new Error(cannot("find the local time", "the runtime shows no offset", text));
    const { sign, hours = 0, minutes = 0, seconds = 0 } = groups;
    const offsetMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
    return sign === "-" ? -offsetMs : offsetMs;
  };
}

function formatOf(timeZone: string, doing: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = cannot(doing, `"timeZone" must be a time zone that the runtime knows`, timeZone);
    throw new RangeError(`${message}: ${reason}`, { cause: error });
  }
}

/**
 * Returns the first moment at which the clock has changed, or `undefined` if it does not change. The period must be so short that
 * the clock is not changed and changed back in it.
 *
 * @param offsetMs The offset before the change.
 * @param sinceMs The start of the period, which the change comes after.
 * @param untilMs The end of the period, which may be the moment of the change.
 */
export function clockChange(
  offsetAt: OffsetAt,
  offsetMs: number,
  sinceMs: number,
  untilMs: number,
): number | undefined {
  if (offsetAt(untilMs) === offsetMs) return undefined;
  let beforeMs = sinceMs;
  let afterMs = untilMs;
  while (afterMs - beforeMs > 1) {
    const middleMs = Math.floor((beforeMs + afterMs) / 2);
    if (offsetAt(middleMs) === offsetMs) beforeMs = middleMs;
    else afterMs = middleMs;
  }
  return afterMs;
}
