import type { Mutant } from "./mutant.ts";

const BODY = "src/body.ts";
const LOOP = "src/loop.ts";

/** Faults in what is called as the task, and in what is known of bodies that do not return. */
export const BODIES: readonly Mutant[] = [
  {
    name: "task called twice by wrapRun",
    file: BODY,
    old: "body ??= (async",
    new: "body = (async",
    breaks: "4: two bodies under one claim",
  },
  {
    name: "task called after its abort",
    file: BODY,
    old: "(isClosed || isOver())",
    new: "isClosed",
    breaks: "4: a body begins that nobody stops any more",
  },
  {
    name: "task called after its run",
    file: BODY,
    old: "(isClosed || isOver())",
    new: "isOver()",
    breaks: "4: wrapRun can call the task when the record was given away",
  },
  {
    name: "outcome taken from wrapRun",
    file: BODY,
    old: "  await body;\n  if (ofWrapper)",
    new: "  if (ofWrapper)",
    breaks: "a task that throws is finished if wrapRun drops its error",
  },
  {
    name: "abandoned bodies not counted",
    file: LOOP,
    old: "    this.abandoned++;\n",
    new: "",
    breaks: "5: bodies that hang pile up",
  },
  {
    name: "maxAbandoned too small by one",
    file: LOOP,
    old: "return this.abandoned > this.settings.maxAbandoned;",
    new: "return this.abandoned >= this.settings.maxAbandoned;",
    breaks: "5: a task that hung once is never run again by maxAbandoned: 1",
  },
  {
    name: "maxAbandoned too large by one",
    file: LOOP,
    old: "return this.abandoned > this.settings.maxAbandoned;",
    new: "return this.abandoned > this.settings.maxAbandoned + 1;",
    breaks: "5: one body more than the user allows",
  },
  {
    name: "bodies that return not counted down",
    file: LOOP,
    old: "if (this.abandoned-- > this.settings.maxAbandoned)",
    new: "if (this.abandoned > this.settings.maxAbandoned)",
    breaks: "a replica whose bodies hung for a while never runs again",
  },
];
