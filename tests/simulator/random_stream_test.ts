import { assert, assertEquals } from "@std/assert";
import { RandomStream } from "../../src/simulator/random_stream.ts";

Deno.test("RandomStream draws the same numbers for a seed, a purpose and an index, and others otherwise", () => {
  const streams = [1, 1, 2].map((index) => new RandomStream(7, "tasks", index));
  const [first = [], same, other = []] = streams.map((stream) => Array.from({ length: 20 }, () => stream.next()));
  assertEquals(first, same);
  assert(!other.some((number) => first.includes(number)));
  assert(new RandomStream(7 + 2 ** 40, "tasks", 1).next() !== first[0]);
  assert(new RandomStream(7, "network", 1).next() !== first[0]);
});

Deno.test("RandomStream keeps to its bounds", () => {
  const random = new RandomStream(1, "plan");
  for (let round = 0; round < 1_000; round++) {
    const magnitude = random.magnitude(3, 1_000);
    assert(magnitude >= 3 && magnitude <= 1_000);
    assert([2, 3, 4].includes(random.integer(2, 4)));
    assert(["a", "b"].includes(random.pickWeighted({ a: 1, b: 2, c: 0 })));
  }
});
