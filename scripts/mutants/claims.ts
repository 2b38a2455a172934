import type { Claim, judgeReadBack } from "../../src/core/claim.ts";
import type { decide } from "../../src/core/decision.ts";
import type { newId } from "../../src/record/ids.ts";
import type { releasedRecord } from "../../src/record/transitions.ts";
import type { StoreClient } from "../../src/store/client.ts";
import { type Mutant, replace, wrapFunction, wrapGetter, wrapMethod } from "./mutant.ts";

/** Faults in versions, terms and claims: promises 1 to 3. */
export const CLAIMS: readonly Mutant[] = [
  {
    breaks: 1,
    name: "a write replaces any version",
    change: wrapMethod<StoreClient, "write">("StoreClient.write", async (client, original, record, version, limits) => {
      const read = await client.read(limits);
      return original(record, read.outcome === "read" ? read.entry.version : version, limits);
    }),
  },
  {
    breaks: 1,
    name: "the term is counted from the last record alone",
    change: wrapGetter<StoreClient, "highestTerm">(
      "StoreClient.highestTerm",
      ({ known }) => known?.found.kind === "record" ? known.found.record.term : 0,
    ),
  },
  {
    breaks: 1,
    name: "a record whose term cannot rise is claimed",
    change: wrapFunction<typeof decide>(
      "decide",
      (original, input, rules) => original({ ...input, highestTerm: 0 }, rules),
    ),
  },
  {
    breaks: 1,
    name: "a released record has the term before the claim",
    change: wrapFunction<typeof releasedRecord>(
      "releasedRecord",
      (original, before, claimed) => ({ ...original(before, claimed), term: before.term }),
    ),
  },
  {
    breaks: 2,
    name: "a write in doubt replaces another's record",
    change: wrapFunction<typeof judgeReadBack>("judgeReadBack", (original, entry, write, isUnanswered) => {
      const verdict = original(entry, write, isUnanswered);
      if (verdict.outcome !== "lost" || entry.version === null) return verdict;
      return { outcome: "open", version: entry.version, record: write.record };
    }),
  },
  {
    breaks: 2,
    name: "a heartbeat goes on after its run",
    change: wrapMethod<Claim, "renew">(
      "Claim.renew",
      (_claim, original, leaseMs) => original(leaseMs, new AbortController().signal),
    ),
  },
  {
    breaks: 2,
    name: "a write that was not settled counts as not written",
    change: wrapMethod<StoreClient, "forget">("StoreClient.forget", () => {}),
  },
  {
    breaks: 2,
    name: "a stopped replica writes over its running record",
    change: replace("StoreClient.#resigned", '$RECORD.state === "running"', "false"),
  },
  {
    breaks: 3,
    name: "a conflict counts as written",
    change: wrapMethod<StoreClient, "write">(
      "StoreClient.write",
      async (_client, original, record, version, limits) => {
        const written = await original(record, version, limits);
        return written.outcome === "conflict" ? { outcome: "written", version: version ?? "" } : written;
      },
    ),
  },
  {
    breaks: 3,
    name: "another's record counts as written here",
    change: wrapFunction<typeof judgeReadBack>(
      "judgeReadBack",
      (original, entry, write, isUnanswered) =>
        entry.found.kind === "record" && entry.version !== null && entry.version !== write.version
          ? { outcome: "written", version: entry.version }
          : original(entry, write, isUnanswered),
    ),
  },
  {
    breaks: 3,
    name: "all ids are equal",
    change: wrapFunction<typeof newId>("newId", () => "abcdefghijklmnopqrstuv"),
  },
  {
    breaks: 3,
    name: "a claim that was answered after its lease is run",
    change: replace("#isTooLate", "Math.min($LEASE, $TIMEOUT)", "$TIMEOUT"),
  },
  {
    breaks: 3,
    name: "the lease counts from the answer of the write",
    change: replace(
      "writeUntilSettled",
      'return { outcome: "written", record: $RECORD, version: $VERSION, sent }',
      'return { outcome: "written", record: $RECORD, version: $VERSION, sent: instant(clock) }',
    ),
  },
  {
    breaks: 3,
    name: "a claim is written again after its lease",
    change: replace("writeUntilSettled", "$ELAPSED + $AFTER < $LEASE", "$AFTER < $LEASE"),
  },
  {
    breaks: 9,
    name: "a write that may still take effect counts as lost",
    change: wrapFunction<typeof judgeReadBack>("judgeReadBack", (original, entry, write, isUnanswered) => {
      const verdict = original(entry, write, isUnanswered);
      return verdict.outcome === "open" ? { outcome: "lost", isRefused: false } : verdict;
    }),
  },
];
