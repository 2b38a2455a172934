/** `import "./_dnt.polyfills.js";`, in either format. */
const POLYFILLS = /^(?:import |require\()["'][./]*_dnt\.polyfills\.js["']\)?;\n/gm;

/** `import * as dntShim from "./_dnt.shims.js";`, in either format, with the helper that TypeScript wraps it in. */
const SHIMS = /^(?:import \* as|const) dntShim (?:from|=) .*_dnt\.shims\.js["']\)*;\n/gm;

/** What dnt makes of `import.meta`, by a polyfill that is not needed: all supported versions of Node have `import.meta.url`. */
const IMPORT_META = 'globalThis[Symbol.for("import-meta-ponyfill-esmodule")](import.meta)';

/** Code that needs Deno, or what dnt adds in place of Deno. */
const DENO_OR_SHIM = /_dnt\.|\bDeno\s*\.|globalThis\.Deno|\bdntShim/;

/**
 * Removes what dnt before 0.43 always adds: polyfills that no supported version of Node needs, and a replacement of `globalThis`
 * that changes nothing.
 */
export function withoutShims(code: string): string {
  return code.replace(POLYFILLS, "").replace(SHIMS, "").replaceAll("dntShim.dntGlobalThis", "globalThis")
    .replaceAll(IMPORT_META, "import.meta");
}

/** Returns the first use of Deno or a shim in a module, if there is one. */
export function findShim(path: string, code: string): string | undefined {
  return DENO_OR_SHIM.exec(`${path}\n${code}`)?.[0];
}
