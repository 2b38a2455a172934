/**
 * Cron expressions in words, for people.
 *
 * @module
 */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const NICKNAMES: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** Returns a field that is a whole number up to a maximum. */
function numberOf(field: string, max: number): number | undefined {
  return /^\d{1,2}$/.test(field) && Number(field) <= max ? Number(field) : undefined;
}

/** Returns the step of a field such as `*` followed by `/5`, if it divides the range evenly; 1 for `*`. */
function stepOf(field: string, range: number): number | undefined {
  if (field === "*") return 1;
  const [, step = ""] = /^(?:\*|0)\/(\d{1,2})$/.exec(field) ?? [];
  // an uneven step has a shorter gap at the end of the range
  return Number(step) > 0 && range % Number(step) === 0 ? Number(step) : undefined;
}

function every(count: number, unit: string): string {
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
}

/**
 * Returns a cron expression in words, such as `at 03:00 every day`.
 *
 * @param expression The expression, with five fields, or with six of which the first is 0.
 * @returns The words; `undefined` for an expression of another shape.
 */
export function cronWords(expression: string): string | undefined {
  const given = expression.trim();
  const nickname = given.toLowerCase();
  const text = Object.hasOwn(NICKNAMES, nickname) ? NICKNAMES[nickname] ?? given : given;
  const fields = text.split(/\s+/);
  if (fields.length === 6 && fields[0] === "0") fields.shift();
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) return undefined;
  const days = daysText(day, month, weekday.toUpperCase());
  if (days === undefined) return undefined;
  const times = timesText(minute, hour);
  if (times === undefined) return undefined;
  if (times.isRepeated) return days === "every day" ? times.text : `${times.text}, ${days}`;
  return `${times.text} ${days}`;
}

interface Times {
  readonly text: string;
  /** Whether there may be several times a day, so that "every day" need not be said. */
  readonly isRepeated: boolean;
}

function timesText(minute: string, hour: string): Times | undefined {
  const minuteStep = stepOf(minute, 60);
  if (minuteStep !== undefined) {
    return hour === "*" ? { text: every(minuteStep, "minute"), isRepeated: true } : undefined;
  }
  const minutes = numberOf(minute, 59);
  if (minutes === undefined) return undefined;
  const hourStep = stepOf(hour, 24);
  if (hourStep !== undefined) {
    const past = minutes === 0 ? "" : ` at minute ${minutes}`;
    return { text: every(hourStep, "hour") + past, isRepeated: true };
  }
  const hours = hour.split(",").map((part) => numberOf(part, 23));
  if (hours.includes(undefined)) return undefined;
  const times = hours.map((value) => [value, minutes].map((part) => String(part).padStart(2, "0")).join(":"));
  return { text: `at ${listText(times)}`, isRepeated: false };
}

function daysText(day: string, month: string, weekday: string): string | undefined {
  const isAnyDay = day === "*" || day === "?";
  const isAnyWeekday = weekday === "*" || weekday === "?";
  if (month !== "*") {
    const months = numberOf(month, 12);
    const date = numberOf(day, 31);
    if (!months || !date || !isAnyWeekday) return undefined;
    return `on ${date} ${MONTHS[months - 1]}`;
  }
  if (isAnyDay) return isAnyWeekday ? "every day" : weekdaysText(weekday);
  if (!isAnyWeekday) return undefined;
  if (day.toUpperCase() === "L") return "on the last day of the month";
  const date = numberOf(day, 31);
  return date ? `on day ${date} of the month` : undefined;
}

function weekdaysText(field: string): string | undefined {
  if (field === "1-5" || field === "MON-FRI") return "on weekdays";
  if (field === "0,6" || field === "6,0" || field === "6,7" || field === "SAT,SUN" || field === "SUN,SAT") {
    return "on weekends";
  }
  const days = field.split(",").map((part) => {
    const index = DAY_NAMES.indexOf(part);
    return DAYS[index >= 0 ? index : numberOf(part, 7) ?? -1];
  });
  return days.includes(undefined) ? undefined : `on ${listText(days.map((name) => `${name}s`))}`;
}

function listText(words: readonly string[]): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
