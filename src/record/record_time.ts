/**
 * Times as a status record writes them.
 *
 * @module
 */

/** The latest date that JavaScript knows, in milliseconds since 1970; the earliest is its opposite. */
export const MAX_DATE_MS = 864e13;

const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)[T ]([\d:]{8})(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/;

/** Returns a time as ISO text. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Parses a date and time as JavaScript or Dart writes it; without a zone it is UTC.
 *
 * @returns Milliseconds since 1970; `undefined` if the value is absent, and NaN if it is anything else.
 */
export function parseTime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const parts = TIME.exec(typeof value === "string" ? value : "");
  if (!parts) return NaN;
  const [, day, time, fraction = ".", zone = "Z"] = parts;
  // not all runtimes read more or less than three digits of a fraction
  return Date.parse(`${day}T${time}${fraction.padEnd(4, "0")}${zone}`);
}
