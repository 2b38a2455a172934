/** How an expression behaves when the clock of a time zone is changed. */
export interface ClockChangeRow {
  readonly timeZone: string;
  /** The local day of the change, or the day that is left out. */
  readonly day: string;
  readonly clock: string;
  readonly expression: string;
  /** The period that `due` is about, as local times with their offsets. */
  readonly period: readonly [from: string, to: string];
  /** The due times in the period, as local times with their offsets. */
  readonly due: readonly string[];
  /** What other programs do, by their due times. */
  readonly vixie: string;
  readonly quartz: string;
  readonly kubernetes: string;
}

const NONE = "none";

const BERLIN_SPRING = {
  timeZone: "Europe/Berlin",
  day: "2026-03-29",
  clock: "02:00 to 03:00",
  period: ["2026-03-29T01:00+01:00", "2026-03-29T04:00+02:00"],
} as const;

const BERLIN_AUTUMN = {
  timeZone: "Europe/Berlin",
  day: "2026-10-25",
  clock: "03:00 to 02:00",
  period: ["2026-10-25T02:00+02:00", "2026-10-25T03:00+01:00"],
} as const;

const NEW_YORK_SPRING = {
  timeZone: "America/New_York",
  day: "2026-03-08",
  clock: "02:00 to 03:00",
  period: ["2026-03-08T01:00-05:00", "2026-03-08T04:00-04:00"],
} as const;

const NEW_YORK_AUTUMN = {
  timeZone: "America/New_York",
  day: "2026-11-01",
  clock: "02:00 to 01:00",
  period: ["2026-11-01T01:00-04:00", "2026-11-01T02:00-05:00"],
} as const;

const LORD_HOWE_SPRING = {
  timeZone: "Australia/Lord_Howe",
  day: "2026-10-04",
  clock: "02:00 to 02:30",
  period: ["2026-10-04T01:45+10:30", "2026-10-04T02:45+11:00"],
} as const;

const LORD_HOWE_AUTUMN = {
  timeZone: "Australia/Lord_Howe",
  day: "2026-04-05",
  clock: "02:00 to 01:30",
  period: ["2026-04-05T01:30+11:00", "2026-04-05T02:00+10:30"],
} as const;

const NUUK_SPRING = {
  timeZone: "America/Nuuk",
  day: "2026-03-28",
  clock: "23:00 to 00:00",
  period: ["2026-03-28T22:00-02:00", "2026-03-29T01:00-01:00"],
} as const;

const APIA_LEFT_OUT = {
  timeZone: "Pacific/Apia",
  day: "2011-12-30",
  clock: "29th, 24:00 to 31st, 00:00",
  period: ["2011-12-29T23:00-10:00", "2011-12-31T03:00+14:00"],
} as const;

/** The table of docs/scheduling.md. */
export const CLOCK_CHANGE_ROWS: readonly ClockChangeRow[] = [
  {
    ...BERLIN_SPRING,
    expression: "30 2 * * *",
    due: ["03:00+02:00"],
    vixie: "03:00+02:00",
    quartz: NONE,
    kubernetes: NONE,
  },
  {
    ...BERLIN_SPRING,
    expression: "*/30 2 * * *",
    due: [],
    vixie: NONE,
    quartz: NONE,
    kubernetes: NONE,
  },
  {
    ...BERLIN_SPRING,
    expression: "0 * * * *",
    due: ["01:00+01:00", "03:00+02:00"],
    vixie: "the same",
    quartz: "the same",
    kubernetes: "the same",
  },
  {
    ...BERLIN_AUTUMN,
    expression: "30 2 * * *",
    due: ["02:30+02:00"],
    vixie: "02:30+02:00",
    quartz: "02:30+01:00",
    kubernetes: "both",
  },
  {
    ...BERLIN_AUTUMN,
    expression: "*/30 2 * * *",
    due: ["02:00+02:00", "02:30+02:00", "02:00+01:00", "02:30+01:00"],
    vixie: "the same",
    quartz: "02:00+01:00, 02:30+01:00",
    kubernetes: "the same",
  },
  {
    ...BERLIN_AUTUMN,
    expression: "0 * * * *",
    due: ["02:00+02:00", "02:00+01:00"],
    vixie: "the same",
    quartz: "02:00+01:00",
    kubernetes: "the same",
  },
  {
    ...NEW_YORK_SPRING,
    expression: "30 2 * * *",
    due: ["03:00-04:00"],
    vixie: "03:00-04:00",
    quartz: NONE,
    kubernetes: NONE,
  },
  {
    ...NEW_YORK_AUTUMN,
    expression: "30 1 * * *",
    due: ["01:30-04:00"],
    vixie: "01:30-04:00",
    quartz: "01:30-05:00",
    kubernetes: "both",
  },
  {
    ...LORD_HOWE_SPRING,
    expression: "15 2 * * *",
    due: ["02:30+11:00"],
    vixie: "02:30+11:00",
    quartz: NONE,
    kubernetes: NONE,
  },
  {
    ...LORD_HOWE_SPRING,
    expression: "*/10 * * * *",
    due: ["01:50+10:30", "02:30+11:00", "02:40+11:00"],
    vixie: "the same",
    quartz: "the same",
    kubernetes: "the same",
  },
  {
    ...LORD_HOWE_AUTUMN,
    expression: "45 1 * * *",
    due: ["01:45+11:00"],
    vixie: "01:45+11:00",
    quartz: "01:45+10:30",
    kubernetes: "both",
  },
  {
    ...LORD_HOWE_AUTUMN,
    expression: "*/30 * * * *",
    due: ["01:30+11:00", "01:30+10:30"],
    vixie: "the same",
    quartz: "01:30+10:30",
    kubernetes: "the same",
  },
  {
    ...NUUK_SPRING,
    expression: "30 23 * * *",
    due: ["00:00-01:00"],
    vixie: "00:00-01:00",
    quartz: NONE,
    kubernetes: NONE,
  },
  {
    ...APIA_LEFT_OUT,
    expression: "0 3 * * *",
    due: [],
    vixie: NONE,
    quartz: NONE,
    kubernetes: NONE,
  },
  {
    ...APIA_LEFT_OUT,
    expression: "0 * * * *",
    due: ["23:00-10:00", "00:00+14:00", "01:00+14:00", "02:00+14:00"],
    vixie: "the same",
    quartz: "the same",
    kubernetes: "the same",
  },
];
