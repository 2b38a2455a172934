/**
 * A replica that ends when the demo does, even if that is killed: then its standard input ends.
 */
(async () => {
  for await (const _ of Deno.stdin.readable);
  Deno.exit(1);
})();

await import("./replica.ts");
// reading goes on, and would keep the process up
Deno.exit(0);
