import { checkSize } from "../size.ts";
import { goal, printTitle } from "./report.ts";

const LIMIT = "the limit named above";

/** Prints the size of the core as `deno task size` does. */
export async function benchSize(): Promise<void> {
  printTitle("Size of the core");
  try {
    await checkSize();
    console.log(goal(true, LIMIT));
  } catch (error) {
    // a core that is too large was measured all the same
    if (!(error instanceof Error) || !error.message.startsWith("Cannot accept the size")) throw error;
    console.log(goal(false, LIMIT));
  }
}
