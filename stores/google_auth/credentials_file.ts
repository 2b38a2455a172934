/**
 * The file with the credentials.
 *
 * @module
 */
import { type Attempt, signInError } from "./attempt.ts";
import { environmentVariable } from "./environment.ts";
import { Fields } from "./fields.ts";
import { type FileText, MISSING, readText, shownPath } from "./files.ts";

const VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";
const NAME = "application_default_credentials.json";

/** The credentials, or where there were none. */
export interface Found {
  readonly file?: Fields;
  readonly looked: readonly string[];
}

/**
 * Reads the credentials' file.
 *
 * @param attempt What it is read for.
 * @returns Its fields, if there is one.
 * @throws If the environment names a file that can't be read, or if a file holds something else.
 */
export async function findCredentials(attempt: Attempt): Promise<Found> {
  const named = environmentVariable(VARIABLE);
  if (named !== undefined) {
    const { text, fault } = await readText(attempt, named);
    if (text === undefined) {
      throw signInError(`the file named by ${VARIABLE} can't be read`, `${shownPath(named)}: ${fault}`);
    }
    return { file: parsed(text, named), looked: [] };
  }
  const path = wellKnownPath();
  const { text, fault }: FileText = path === undefined ? { fault: MISSING } : await readText(attempt, path);
  // one that can't be read is as good as none: where Deno isn't allowed to look, there still may be a metadata server
  if (path === undefined || text === undefined) {
    return { looked: [`${VARIABLE}: not set`, `${path === undefined ? NAME : shownPath(path)}: ${fault}`] };
  }
  return { file: parsed(text, path), looked: [] };
}

/** Where gcloud leaves the credentials of whoever signs in with it. */
function wellKnownPath(): string | undefined {
  const { process } = globalThis as unknown as { readonly process?: { readonly platform?: string } };
  const configured = environmentVariable("CLOUDSDK_CONFIG");
  if (process?.platform === "win32") {
    const appData = environmentVariable("APPDATA");
    const folder = configured ?? (appData && `${appData}\\gcloud`);
    return folder && `${folder}\\${NAME}`;
  }
  const home = environmentVariable("HOME");
  const folder = configured ?? (home && `${home}/.config/gcloud`);
  return folder && `${folder}/${NAME}`;
}

function parsed(text: string, path: string): Fields {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    // what was thrown would show a part of the file
  }
  if (typeof fields !== "object" || fields === null) {
    throw signInError("the credentials' file must hold a JSON object", shownPath(path));
  }
  return new Fields(fields as Record<string, unknown>, shownPath(path));
}
