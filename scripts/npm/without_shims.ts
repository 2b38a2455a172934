/** `import "./_dnt.polyfills.js";`, in either format. */
const POLYFILLS = /^(?:import |require\()["'][./]*_dnt\.polyfills\.js["']\)?;\n/gm;

/** `import * as dntShim from "./_dnt.shims.js";`, in either format, with the helper that TypeScript wraps it in. */
const SHIMS = /^(?:import \* as|const) dntShim (?:from|=) .*_dnt\.shims\.js["']\)*;\n/gm;

/**
 * Takes out what dnt before 0.43 adds whatever it is told: polyfills of what every version of Node has that the package supports,
 * and a stand-in for `globalThis` that does nothing.
 */
export function withoutShims(code: string): string {
  return code.replace(POLYFILLS, "").replace(SHIMS, "").replaceAll("dntShim.dntGlobalThis", "globalThis");
}
