import { importMapArgs } from "./without_jsr/import_map.ts";

const TIMEOUT_MS = 3_000;

/** Whether JSR, or the registry in JSR_URL, answers now and has a package. */
export async function isOnJsr(name: string): Promise<boolean> {
  try {
    const base = (Deno.env.get("JSR_URL") ?? "https://jsr.io").replace(/\/*$/, "/");
    const response = await fetch(new URL(`${name}/meta.json`, base), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // read in any case, so that no body stays open; the page of a captive portal is no JSON
    await response.json();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Returns the arguments with which `deno` commands resolve the project's imports: none if JSR can be reached, and else an import
 * map with stand-ins.
 */
export async function importArgs(): Promise<string[]> {
  if (await isOnJsr("@std/assert")) return [];
  console.log("JSR cannot be reached: npm packages stand in for it (scripts/without_jsr).");
  return importMapArgs();
}
