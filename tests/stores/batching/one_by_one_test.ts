// Requests of a batch that are sent on their own.

import { assertEquals } from "@std/assert";
import type { BatchAnswer } from "../../../stores/batching/batcher.ts";
import { oneByOne } from "../../../stores/batching/one_by_one.ts";

const { signal } = new AbortController();

function outcomeOf(answer: BatchAnswer<string>): Promise<string> | string {
  if (answer.kind === "answered") return answer.answer;
  return answer.kind === "failed" ? String(answer.error) : answer.answer.catch(String);
}

Deno.test("oneByOne() sends requests one after the other, after the failure of one too", async () => {
  const sent: string[] = [];
  const answers = oneByOne(["a", "b", "c"], {
    send: async (request) => {
      sent.push(`send ${request}`);
      await undefined;
      sent.push(`answer ${request}`);
      if (request === "b") throw "broken";
      return request.toUpperCase();
    },
    signal,
    isAwaited: () => true,
  });
  assertEquals(await Promise.all(answers.map(outcomeOf)), ["A", "broken", "C"]);
  assertEquals(sent, ["send a", "answer a", "send b", "answer b", "send c", "answer c"]);
});

Deno.test("oneByOne() sends nothing more after its signal has aborted", async () => {
  const sent: string[] = [];
  const controller = new AbortController();
  const answers = oneByOne(["a", "b"], {
    send: (request) => {
      sent.push(request);
      controller.abort("enough");
      return Promise.resolve(request);
    },
    signal: controller.signal,
    isAwaited: () => true,
  });
  assertEquals(await Promise.all(answers.map(outcomeOf)), ["a", "enough"]);
  assertEquals(sent, ["a"]);
});

Deno.test("oneByOne() does not send a request for whose answer nobody waits any longer", async () => {
  const sent: string[] = [];
  const gone = new Set<string>();
  const answers = oneByOne(["a", "b", "c"], {
    send: (request) => {
      sent.push(request);
      gone.add("b");
      return Promise.resolve(request);
    },
    signal,
    isAwaited: (request) => !gone.has(request),
  });
  const outcomes = await Promise.all(answers.map(outcomeOf));
  assertEquals([outcomes[0], outcomes[2], sent.join()], ["a", "c", "a,c"]);
});
