/**
 * Times as a record writes them.
 *
 * @module
 */

const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)[T ]([\d:]{8})(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)?$/;

/** A time as a record writes it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Milliseconds of a date and time as JavaScript or Dart write it; without a zone it is UTC. What is absent is undefined, and
 * anything else NaN.
 */
export function parseTime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const parts = TIME.exec(typeof value === "string" ? value : "");
  if (!parts) return NaN;
  const [, day, clock, fraction = ".", zone = "Z"] = parts;
  // not all runtimes read more or less than three digits
  return Date.parse(`${day}T${clock}${fraction.padEnd(4, "0")}${zone}`);
}
