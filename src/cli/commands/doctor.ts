/**
 * The command `doctor`.
 *
 * @module
 */
import { CHECK_KEY } from "../../store_check/check_store.ts";
import { type Command, type Invocation, printLine, STORE_OPTION } from "../command.ts";
import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/findings.ts";
import { storeHint } from "../doctor/store_hints.ts";
import { EXIT } from "../exit_code.ts";
import { withStore } from "../store_access.ts";
import type { StyleName } from "../style.ts";
import { safeJson, safeText } from "../terminal_text.ts";

/** Checks the store. */
export const DOCTOR: Command = {
  name: "doctor",
  summary: "check the store: permissions, conditions, clock, latency",
  positionals: [],
  options: STORE_OPTION,
  details: [`It writes one record, "${CHECK_KEY}", which stays in the store.`],
  run: async (invocation) => {
    const { io, isJson } = invocation;
    const end = new AbortController();
    const stop = io.listen("signal", () => end.abort());
    try {
      return await withStore(invocation, async (access) => {
        const { address, scheme } = access;
        if (!isJson) printLine(invocation, invocation.style(safeText(address), "bold"));
        const findings: Finding[] = [];
        try {
          for await (const found of examine(access, io.clock, end.signal)) {
            findings.push(found);
            if (!isJson) printFinding(invocation, found);
          }
        } catch (error) {
          if (!end.signal.aborted) throw error;
          io.stderr.write(`the check was ended; the record "${CHECK_KEY}" may be left in the store\n`);
          return EXIT.failed;
        }
        const hint = storeHint(scheme);
        const hasWritten = findings.some(({ check }) => check === "conditions");
        const left = hasWritten ? [CHECK_KEY] : [];
        if (isJson) printLine(invocation, safeJson({ store: address, findings, hint, recordsLeft: left }, 2));
        else printEnd(invocation, hint, left);
        return codeOf(findings);
      });
    } finally {
      stop();
    }
  },
};

const STYLES: Readonly<Record<Finding["outcome"], StyleName>> = { ok: "green", warning: "yellow", failed: "red" };

function printFinding(invocation: Invocation, { check, outcome, message, mend }: Finding): void {
  const { style } = invocation;
  printLine(invocation, `  ${style(outcome.padEnd(7), STYLES[outcome])}  ${check.padEnd(10)}  ${safeText(message)}`);
  if (mend !== undefined) printLine(invocation, `           ${"".padEnd(10)}  ${style(`-> ${mend}`, "bold")}`);
}

function printEnd(invocation: Invocation, hint: ReturnType<typeof storeHint>, left: readonly string[]): void {
  if (hint) printLine(invocation, `\n  ${hint.text}\n  See ${hint.page}.`);
  for (const name of left) {
    printLine(invocation, `\n  The record "${name}" stays in the store; list and dashboard hide it.`);
  }
}

function codeOf(findings: readonly Finding[]): number {
  const failed = findings.filter(({ outcome }) => outcome === "failed");
  if (failed.some(({ check }) => check === "read")) return EXIT.store;
  return failed.length > 0 ? EXIT.failed : EXIT.ok;
}
