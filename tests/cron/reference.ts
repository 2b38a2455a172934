/**
 * An implementation of cron that shares no code and no method with the package and with croner: it walks through every minute of
 * local time. Its local times come from the fields that `Intl` formats.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** A period in which the offset of a zone is the same. */
interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetMsAt(timeZone: string, momentMs: number): number {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", {
    timeZone,
    calendar: "iso8601",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, format);
  const field = new Map(format.formatToParts(momentMs).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => field.get(type) ?? NaN;
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - momentMs;
}

/** The segments of the last period, as many expressions are compared in the same one. */
let lastSegments = { key: "", segments: [] as Segment[] };

function segmentsOf(timeZone: string, fromMs: number, toMs: number): readonly Segment[] {
  const key = `${timeZone} ${fromMs} ${toMs}`;
  if (lastSegments.key !== key) lastSegments = { key, segments: findSegments(timeZone, fromMs, toMs) };
  return lastSegments.segments;
}

/** Splits a period of whole hours where the offset changes, to the second. */
function findSegments(timeZone: string, fromMs: number, toMs: number): Segment[] {
  const segments: Segment[] = [];
  let startMs = fromMs;
  let offsetMs = offsetMsAt(timeZone, fromMs);
  for (let hourMs = fromMs + HOUR_MS; hourMs <= toMs; hourMs += HOUR_MS) {
    if (offsetMsAt(timeZone, hourMs) === offsetMs) continue;
    let changeMs = hourMs - HOUR_MS;
    while (offsetMsAt(timeZone, changeMs) === offsetMs) changeMs += SECOND_MS;
    segments.push({ startMs, endMs: changeMs, offsetMs });
    startMs = changeMs;
    offsetMs = offsetMsAt(timeZone, changeMs);
  }
  return [...segments, { startMs, endMs: toMs, offsetMs }];
}

/** Returns the values of a field that has numbers, ranges, steps and wildcards. */
function valuesOf(field: string, first: number, last: number): Set<number> {
  const values = new Set<number>();
  for (const item of field.split(",")) {
    const [range = "", step = "1"] = item.split("/");
    const [from = first, to = range === "*" ? last : from] = range === "*" ? [] : range.split("-").map(Number);
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

function withNumbers(field: string, names: readonly string[], first: number): string {
  return names.reduce((text, name, index) => text.replaceAll(name, `${index + first}`), field.toUpperCase());
}

/** A day of the calendar, as midnight in UTC. */
function dayOf(dayMs: number): { day: number; weekday: number; lastDay: number; firstMs: number } {
  const date = new Date(dayMs);
  const firstMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const nextMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return { day: date.getUTCDate(), weekday: date.getUTCDay(), lastDay: (nextMs - firstMs) / DAY_MS, firstMs };
}

function isWorkday(dayMs: number): boolean {
  const { weekday } = dayOf(dayMs);
  return weekday >= 1 && weekday <= 5;
}

/** Returns the workday of the month that is nearest to a day. Friday comes before Monday for a Saturday. */
function nearestWorkday(day: number, lastDay: number, firstMs: number): number {
  const candidates = [day, day - 1, day + 1, day - 2, day + 2].filter((other) => other >= 1 && other <= lastDay);
  const [nearest = NaN] = candidates.filter((other) => isWorkday(firstMs + (other - 1) * DAY_MS));
  return nearest;
}

function matchesDayOfMonth(field: string, dayMs: number): boolean {
  const { day, lastDay, firstMs } = dayOf(dayMs);
  return field.split(",").some((item) => {
    if (item === "L") return day === lastDay;
    if (item === "LW") {
      return day ===
        Math.max(
          ...Array.from({ length: lastDay }, (_, i) => i + 1).filter((d) => isWorkday(firstMs + (d - 1) * DAY_MS)),
        );
    }
    if (!item.endsWith("W")) return valuesOf(item, 1, 31).has(day);
    const wanted = Number(item.slice(0, -1));
    return wanted <= lastDay && nearestWorkday(wanted, lastDay, firstMs) === day;
  });
}

function matchesDayOfWeek(field: string, dayMs: number): boolean {
  const { day, weekday, lastDay } = dayOf(dayMs);
  return field.split(",").some((item) => {
    const [days = "", occurrence = "any"] = item.includes("#") ? item.split("#") : item.split(/(?=L$)/);
    const values = valuesOf(days, 0, 7);
    if (!values.has(weekday) && !(weekday === 0 && values.has(7))) return false;
    if (occurrence === "any") return true;
    return occurrence === "L" ? day + 7 > lastDay : Math.ceil(day / 7) === Number(occurrence);
  });
}

/** Returns whether a day of the calendar, as midnight in UTC, matches the last three fields. */
function dayMatcher(dayOfMonth: string, month: string, dayOfWeek: string): (dayMs: number) => boolean {
  const months = valuesOf(withNumbers(month, MONTHS, 1), 1, 12);
  const monthDay = dayOfMonth.toUpperCase();
  const both = dayOfWeek.startsWith("+");
  const weekDay = withNumbers(dayOfWeek.replace("+", ""), DAYS, 0);
  return (dayMs) => {
    if (!months.has(new Date(dayMs).getUTCMonth() + 1)) return false;
    const checks = [
      ...monthDay === "*" ? [] : [matchesDayOfMonth(monthDay, dayMs)],
      ...weekDay === "*" ? [] : [matchesDayOfWeek(weekDay, dayMs)],
    ];
    return checks.length === 0 || (both ? checks.every(Boolean) : checks.some(Boolean));
  };
}

interface Expression {
  readonly isFixedTime: boolean;
  /** Yields the matches in a period of local time, in which the end is not included. */
  matches(fromMs: number, toMs: number): Generator<number>;
}

function parse(expression: string): Expression {
  const trimmed = expression.trim();
  const fields = (NICKNAMES[trimmed.toLowerCase()] ?? trimmed).split(/[ \t]+/);
  const [second = "", minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] = fields.length === 5
    ? ["0", ...fields]
    : fields;
  const times = [second, minute, hour];
  const [seconds, minutes, hours] = [valuesOf(second, 0, 59), valuesOf(minute, 0, 59), valuesOf(hour, 0, 23)];
  const matchesDay = dayMatcher(dayOfMonth, month, dayOfWeek);
  return {
    isFixedTime: !times.some((field) => field.includes("*") || field.includes("/")),
    *matches(fromMs, toMs) {
      let dayMs = NaN;
      let isDay = false;
      for (let localMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS; localMs < toMs; localMs += MINUTE_MS) {
        const midnightMs = localMs - localMs % DAY_MS;
        if (dayMs !== midnightMs) isDay = matchesDay(dayMs = midnightMs);
        if (!isDay) continue;
        const minuteOfDay = (localMs - midnightMs) / MINUTE_MS;
        if (!hours.has(Math.floor(minuteOfDay / 60)) || !minutes.has(minuteOfDay % 60)) continue;
        for (const value of seconds) {
          const matchMs = localMs + value * SECOND_MS;
          if (matchMs >= fromMs && matchMs < toMs) yield matchMs;
        }
      }
    },
  };
}

/**
 * Returns the due times in a period, in order.
 *
 * @param fromMs The start of the period, a whole hour.
 * @param toMs The end, a whole hour that is not included.
 */
export function referenceDueTimes(expression: string, timeZone: string, fromMs: number, toMs: number): number[] {
  const { isFixedTime, matches } = parse(expression);
  // two days more, as the clock may have been put back just before
  const segments = segmentsOf(timeZone, fromMs - 2 * DAY_MS, toMs);
  const due = new Set<number>();
  let previous: Segment | undefined;
  for (const segment of segments) {
    const { startMs, endMs, offsetMs } = segment;
    const previousEndMs = previous ? previous.endMs + previous.offsetMs : -Infinity;
    const localStartMs = startMs + offsetMs;
    const leftOutMs = localStartMs - previousEndMs;
    if (isFixedTime && leftOutMs > 0 && leftOutMs < DAY_MS) {
      for (const _ of matches(previousEndMs, localStartMs)) due.add(startMs);
    }
    for (const localMs of matches(localStartMs, endMs + offsetMs)) {
      const isRepeated = localMs < previousEndMs;
      if (!isFixedTime || !isRepeated) due.add(localMs - offsetMs);
    }
    previous = segment;
  }
  return [...due].filter((dueMs) => dueMs >= fromMs && dueMs < toMs).sort((a, b) => a - b);
}
