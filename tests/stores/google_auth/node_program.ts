// Signs in once, with what the environment has, and prints what came of it; for runtimes other than the tests' own.

import { applicationDefault } from "../../../stores/google_auth/application_default.ts";

try {
  console.log(await applicationDefault({ scope: "scope" })());
} catch (error) {
  console.log((error as Error).message);
}
