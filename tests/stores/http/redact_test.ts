import { assertEquals } from "@std/assert";
import { redact } from "../../../stores/http/redact.ts";

Deno.test("redact() replaces parts of secrets and keeps the rest", () => {
  const secret = "abcdefghijklmnop";
  assertEquals(redact(`before ${secret} after`, [secret]), "before [secret] after");
  assertEquals(redact("cut: efghijklmn.", [secret]), "cut: [secret].");
  assertEquals(redact(`${secret}${secret}`, [secret]), "[secret]");
  assertEquals(redact("a short: abc, and efghijk", [secret]), "a short: abc, and efghijk");
  assertEquals(redact("pin is 1234", ["1234", ""]), "pin is [secret]");
  assertEquals(redact("as JSON: line\\nline two", ["line\nline two"]), "as JSON: [secret]");
  assertEquals(redact("as a form: a%2Fb%2Bc+%C3%A4", ["a/b+c ä"]), "as a form: [secret]");
  assertEquals(redact("broken: \ud800", ["\ud800\ud800"]), "broken: \ud800");
  assertEquals(redact("several\r\n lines\0and\tsigns", []), "several lines and signs");
  assertEquals(redact("x".repeat(5_000), []).length, 200);
  assertEquals(redact(`${"y".repeat(195)}${secret}`, [secret]), `${"y".repeat(195)}[secr`);
});
