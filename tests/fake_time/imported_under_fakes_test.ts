import { denoFakes } from "./deno_fakes.ts";
import { specification } from "./specification.ts";

// whatever the module kept of these fakes would be of no use later
const atImport = denoFakes["@sinonjs/fake-timers"];
atImport.install();
const { NeatPeriodicTaskScheduler } = await import("../../mod.ts");
atImport.restore();

for (const [library, fake] of Object.entries(denoFakes)) {
  for (const { name, check } of specification(fake, NeatPeriodicTaskScheduler)) {
    Deno.test(`under ${library} a scheduler that was imported under fakes ${name}`, check);
  }
}
