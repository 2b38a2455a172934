// deno task screenshots
//
// Makes the pictures of docs/dashboard.md.

import { denoOrThrow } from "../internal/processes/deno_command.ts";
import { importArgs } from "./jsr.ts";

if (import.meta.main) {
  await denoOrThrow(["run", "-A", ...await importArgs(), "scripts/screenshots/take_pictures.ts"]);
}
