import { assertEquals } from "@std/assert";
import { findShim, withoutShims } from "./shims.ts";

const CODE = "export const now = () => globalThis.performance.now();\n";

Deno.test("withoutShims() removes what dnt adds in either format, and nothing else", () => {
  const shimmed = CODE.replace("globalThis", "dntShim.dntGlobalThis");
  const additions = [
    'import "./_dnt.polyfills.js";\n',
    'require("../_dnt.polyfills.js");\n',
    'import * as dntShim from "../../_dnt.shims.js";\n',
    'const dntShim = __importStar(require("./_dnt.shims.js"));\n',
  ];
  for (const addition of additions) assertEquals(withoutShims(addition + shimmed), CODE);
  const own = 'import { a } from "./a.js";\nconst { b } = require("./b.js");\n';
  assertEquals(withoutShims(own + CODE), own + CODE);
});

Deno.test("withoutShims() restores import.meta", () => {
  const shimmed = 'if (globalThis[Symbol.for("import-meta-ponyfill-esmodule")](import.meta).main) run();\n';
  assertEquals(withoutShims(shimmed), "if (import.meta.main) run();\n");
});

Deno.test("findShim() finds Deno's API and dnt's files, and nothing in other code", () => {
  assertEquals(findShim("mod.js", CODE), undefined);
  assertEquals(findShim("mod.js", `${CODE}Deno.exit();`), "Deno.");
  assertEquals(findShim("mod.js", 'import "./_dnt.polyfills.js";'), "_dnt.");
  assertEquals(findShim("_dnt.shims.js", CODE), "_dnt.");
  assertEquals(findShim("mod.js", "dntShim.setTimeout();"), "dntShim");
});
