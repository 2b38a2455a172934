import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { denoFakes } from "./deno_fakes.ts";
import { specification } from "./specification.ts";

for (const [library, fake] of Object.entries(denoFakes)) {
  for (const { name, check } of specification(fake, NeatPeriodicTaskScheduler)) {
    Deno.test(`under ${library} a scheduler ${name}`, check);
  }
}
