// A program to bundle for Node: signs in by the environment, and prints the token or the error.

import { applicationDefault } from "../../../stores/google_auth/application_default.ts";

try {
  console.log(await applicationDefault({ scope: "scope" })());
} catch (error) {
  console.log((error as Error).message);
}
