/**
 * Tasks whose texts attack the pages that show them.
 *
 * @module
 */
import type { SampleTask } from "../../internal/dashboard/sample_tasks.ts";

/** Texts that would end an attribute, an element, a script or an event, or leave the page. */
export const HOSTILE: readonly string[] = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  `</title></textarea></style><svg onload=alert(1)>`,
  `..`,
  `../../etc/passwd`,
  `a/b\\c?d=e&f=g#h`,
  `%2e%2e%2f`,
  "`${alert(1)}`",
  `javascript:alert(1)`,
  `日本語 🕐 نص \u202eright-to-left`,
  `data: x`,
  `__proto__`,
];

/** Tasks with these texts in all of their fields. */
export function hostileTasks(): SampleTask[] {
  return HOSTILE.map((text) => ({
    name: text,
    intervalMs: 60_000,
    agoMs: 30_000,
    lengthMs: 1_000,
    outcomes: "ffx",
    fields: {
      state: "failed",
      failures: 1,
      error: text,
      instance: text,
      pausedBy: text,
      pauseReason: text,
      requestedBy: text,
      requested: new Date(0).toISOString(),
    },
  }));
}
