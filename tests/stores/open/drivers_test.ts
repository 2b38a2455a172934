import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createClient, importInstalled } from "../../../stores/open/drivers.ts";

/** A package that nobody has. */
const ABSENT = { name: "a-driver-that-nobody-has", create: () => "absent" };

/** A module in the place of a package. */
function packageOf(code: string): { name: string; create: (module: { value: string }) => string } {
  return { name: `data:text/javascript,${encodeURIComponent(code)}`, create: ({ value }) => value };
}

Deno.test("a missing module is no error", async () => {
  assertEquals(await importInstalled(ABSENT.name), undefined);
  assertEquals(await importInstalled(ABSENT.name, `${ABSENT.name}/promise`), undefined);
  assertEquals(await importInstalled("node:no_such_module"), undefined);
});

Deno.test("the first installed driver is used", async () => {
  const [first, second] = [packageOf("export const value = 'first'"), packageOf("export const value = 'second'")];
  assertEquals(await createClient([ABSENT, first, second], { create: () => "built-in" }), "first");
});

Deno.test("the driver of the runtime is used if no package is installed", async () => {
  assertEquals(await createClient([ABSENT], { create: () => "built-in" }), "built-in");
});

Deno.test("a driver that fails to load is reported, and no other one is used instead", async () => {
  const broken = packageOf("throw new Error('no binary for this system')");
  const error = await assertRejects(() => createClient([broken, packageOf("export const value = 1")]), Error);
  assertMatch(
    error.message,
    /^Cannot open the store as the driver "data:.*" can't be loaded: current value is ".*no binary/,
  );
  assertMatch(String(error.cause), /no binary for this system/);
});

Deno.test("without a driver, the error has the command that installs one", async () => {
  // a range that no registry is asked for
  const packages = [{ ...ABSENT, range: "!" }, {
    ...ABSENT,
    name: "another-driver-that-nobody-has",
    range: "!",
  }];
  const error = await assertRejects(() => createClient(packages), Error);
  assertEquals(
    error.message,
    'Cannot open the store as no driver is installed; run "deno add npm:a-driver-that-nobody-has": current value is none of ' +
      "a-driver-that-nobody-has, another-driver-that-nobody-has",
  );
});
