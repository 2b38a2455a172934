import type { Fake } from "./fake.ts";
import { type Sentence, specification } from "./specification.ts";

/**
 * The specification for both moments at which our module may have been imported. Beside the bundle that this becomes part of lie
 * two bundles of our module, so that each is evaluated on its own.
 */
export async function suite(fake: Fake): Promise<readonly Sentence[]> {
  const before = await load("imported_before.mjs");
  fake.install();
  const underFakes = await load("imported_under_fakes.mjs").finally(() => fake.restore());
  return [
    ...sentences(fake, before, "a scheduler"),
    ...sentences(fake, underFakes, "a scheduler that was imported under fakes"),
  ];
}

function load(bundle: string): Promise<typeof import("../../mod.ts")> {
  return import(new URL(bundle, import.meta.url).href);
}

function sentences(
  fake: Fake,
  { NeatPeriodicTaskScheduler }: typeof import("../../mod.ts"),
  subject: string,
): readonly Sentence[] {
  return specification(fake, NeatPeriodicTaskScheduler).map(({ name, check }) => ({
    name: `${subject} ${name}`,
    check,
  }));
}
