/**
 * Runs replica.ts, and ends when the demo ends, even if the demo is killed: then standard input ends.
 */
(async () => {
  for await (const _ of Deno.stdin.readable);
  Deno.exit(1);
})();

await import("./replica.ts");
// the pending read of standard input would keep the process alive
Deno.exit(0);
