import { checkSize, SizeLimitError } from "../../scripts/size.ts";
import { goal, printTitle } from "../report/print_table.ts";

const LIMIT = "the limit above";

/** Prints the size of the entry points as `deno task size` does. */
export async function benchSize(): Promise<void> {
  printTitle("Size of the entry points");
  try {
    await checkSize();
    console.log(goal(true, LIMIT));
  } catch (error) {
    // a core that is too large was measured all the same
    if (!(error instanceof SizeLimitError)) throw error;
    console.log(goal(false, LIMIT));
  }
}
