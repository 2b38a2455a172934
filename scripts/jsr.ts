import { importMapArgs } from "./without_jsr/import_map.ts";

const TIMEOUT_MS = 3_000;

/** Whether JSR, or the registry that JSR_URL names instead of it, answers now and has a package. */
export async function isOnJsr(name: string): Promise<boolean> {
  try {
    const base = (Deno.env.get("JSR_URL") ?? "https://jsr.io").replace(/\/*$/, "/");
    const response = await fetch(new URL(`${name}/meta.json`, base), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // Read in any case, so that no body is left open; a captive portal's page is no JSON.
    await response.json();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * The arguments with which `deno` commands resolve the project's imports: none where JSR is reached, else those for the
 * stand-ins, which is said in one line.
 */
export async function importArgs(): Promise<string[]> {
  if (await isOnJsr("@std/assert")) return [];
  console.log("JSR cannot be reached: npm packages stand in for it (scripts/without_jsr).");
  return importMapArgs();
}
