import { assertEquals } from "@std/assert";
import type { HintSink } from "../../../src/store/hints.ts";
import { SharedWatch, type WatchEvents } from "../../../stores/listing/shared_watch.ts";

/** A watch of a server that reports what a test says, and a way to count. */
function setUp(): { readonly shared: SharedWatch; readonly started: WatchEvents[]; readonly ended: WatchEvents[] } {
  const started: WatchEvents[] = [];
  const ended: WatchEvents[] = [];
  const shared = new SharedWatch((events) => {
    started.push(events);
    return () => void ended.push(events);
  });
  return { shared, started, ended };
}

/** A sink that keeps what it receives. */
function sinkTo(received: string[], name: string): HintSink {
  return {
    hint: () => void received.push(`${name} hint`),
    end: () => void received.push(`${name} end`),
    fail: (error) => void received.push(`${name} ${error}`),
  };
}

Deno.test("all watches share one, which is ended after the last of them and started again for the next", () => {
  const { shared, started, ended } = setUp();
  const [leaveFirst, leaveSecond] = ["a", "b"].map((key) => shared.add(key, sinkTo([], key)));
  assertEquals([started.length, ended.length], [1, 0]);
  leaveFirst?.();
  assertEquals(ended.length, 0);
  leaveSecond?.();
  assertEquals(ended, started);
  shared.add("a", sinkTo([], "a"));
  assertEquals([started.length, ended.length], [2, 1]);
});

Deno.test("each watch gets a hint when it has begun, and then the changes of its key", () => {
  const received: string[] = [];
  const { shared, started } = setUp();
  shared.add("a", sinkTo(received, "a1"));
  shared.add("b", sinkTo(received, "b"));
  started[0]?.onBegin();
  shared.add("a", sinkTo(received, "a2"));
  assertEquals(received.splice(0), ["a1 hint", "b hint", "a2 hint"]);
  started[0]?.onChange("a");
  started[0]?.onChange("other");
  assertEquals(received, ["a1 hint", "a2 hint"]);
});

Deno.test("all watches fail with the one of the server, which a late event does not change", () => {
  const received: string[] = [];
  const { shared, started, ended } = setUp();
  const leave = shared.add("a", sinkTo(received, "a"));
  shared.add("b", sinkTo(received, "b"));
  started[0]?.onEnd("lost");
  started[0]?.onEnd("lost again");
  started[0]?.onChange("a");
  leave();
  assertEquals([received, ended.length], [["a lost", "b lost"], 0]);
  shared.add("a", sinkTo(received, "a"));
  assertEquals(started.length, 2);
});
