import process from "node:process";

/** Runs checks under any runtime. Prints a line for each, and sets the exit code to 1 if one fails. */
export async function runChecks(
  checks: readonly { readonly name: string; readonly run: () => Promise<void> }[],
): Promise<void> {
  for (const { name, run } of checks) {
    try {
      await run();
      console.log(`ok: ${name}`);
    } catch (error) {
      console.log(`failed: ${name}: ${error}`);
      process.exitCode = 1;
    }
  }
  console.log("done");
}
