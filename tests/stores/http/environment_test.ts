import { assertEquals } from "@std/assert";
import { environmentVariable } from "../../../stores/http/environment.ts";

Deno.test("environmentVariable() returns undefined if the environment is absent, empty or denied", () => {
  const real = Object.getOwnPropertyDescriptor(globalThis, "process")!;
  const denied = new Proxy({}, {
    get: () => {
      throw new Deno.errors.NotCapable("Requires env access");
    },
  });
  try {
    for (const process of [undefined, {}, { env: {} }, { env: { NAME: "" } }, { env: denied }]) {
      Object.defineProperty(globalThis, "process", { configurable: true, value: process });
      assertEquals(environmentVariable("NAME"), undefined);
    }
    Object.defineProperty(globalThis, "process", { configurable: true, value: { env: { NAME: "value" } } });
    assertEquals(environmentVariable("NAME"), "value");
  } finally {
    Object.defineProperty(globalThis, "process", real);
  }
});
