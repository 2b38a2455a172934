/**
 * The times of a status record.
 *
 * @module
 */

/** The latest date of JavaScript in milliseconds since 1970. The earliest date is its negative. */
export const MAX_DATE_MS = 864e13;

const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)[T ]([\d:]{8})(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/;

/** Returns a time as ISO text. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Parses a date and time in the format of JavaScript or Dart. Without a zone the time is UTC.
 *
 * @returns Milliseconds since 1970, `undefined` if the value is absent, or NaN if it is not a time.
 */
export function parseTime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const parts = TIME.exec(typeof value === "string" ? value : "");
  if (!parts) return NaN;
  const [, day, time, fraction = ".", zone = "Z"] = parts;
  // some runtimes only parse fractions of three digits
  return Date.parse(`${day}T${time}${fraction.padEnd(4, "0")}${zone}`);
}
