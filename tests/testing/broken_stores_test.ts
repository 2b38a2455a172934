import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { storeChecks } from "../../src/testing/mod.ts";
import { CALL_CASES } from "./broken_call_cases.ts";
import { ITERATION_CASES } from "./broken_iteration_cases.ts";
import { READ_MANY_CASES } from "./broken_read_many_cases.ts";
import { RECORD_CASES } from "./broken_record_cases.ts";
import { store } from "./broken_stores.ts";
import { failureOf } from "./run_check.ts";

const CASES = { ...RECORD_CASES, ...CALL_CASES, ...ITERATION_CASES, ...READ_MANY_CASES };

for (const [name, cases] of Object.entries(CASES)) {
  for (const [fault, open, message, options] of cases) {
    Deno.test(`"${name}" fails for a store that ${fault}`, async () => {
      const failure = await failureOf(name, open, options);
      assertInstanceOf(failure, Error, "the check passes");
      assertStringIncludes(failure.message, message);
    });
  }
}

Deno.test("every check fails for some broken store", () => {
  const names = storeChecks({ open: store() }).map(({ name }) => name);
  assertEquals(names.toSorted(), Object.keys(CASES).toSorted());
});
