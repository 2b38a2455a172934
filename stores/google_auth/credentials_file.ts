/**
 * The file with the credentials.
 *
 * @module
 */
import { environmentVariable } from "../http/environment.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { signInError } from "./errors.ts";
import { CredentialFields } from "./credential_fields.ts";
import { MISSING, readText, shownPath } from "../sign_in/read_file.ts";

const PATH_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";
const FILE_NAME = "application_default_credentials.json";

/** The credentials, or the places that have none. */
export interface CredentialSearch {
  readonly credentials?: CredentialFields;
  readonly searched: readonly string[];
}

/**
 * Reads the file with the credentials.
 *
 * @param context The sign-in.
 * @returns The credentials, if there is such a file.
 * @throws If the environment names a file that can't be read, or if a file does not hold credentials.
 */
export async function findCredentials(context: SignInContext): Promise<CredentialSearch> {
  const namedPath = environmentVariable(PATH_VARIABLE);
  if (namedPath !== undefined) return { credentials: await readNamed(context, namedPath), searched: [] };
  const variableIsUnset = `${PATH_VARIABLE}: not set`;
  const path = wellKnownPath();
  if (path === undefined) return { searched: [variableIsUnset, `${FILE_NAME}: ${MISSING}`] };
  const { text, fault } = await readText(context, path);
  // not an error, even if reading is denied: the metadata server may have credentials
  if (text === undefined) return { searched: [variableIsUnset, `${shownPath(path)}: ${fault}`] };
  return { credentials: parse(text, path), searched: [] };
}

async function readNamed(context: SignInContext, path: string): Promise<CredentialFields> {
  const { text, fault } = await readText(context, path);
  if (text === undefined) {
    throw signInError(`the file named by ${PATH_VARIABLE} can't be read`, `${shownPath(path)}: ${fault}`);
  }
  return parse(text, path);
}

/** Where gcloud saves the credentials of a person. */
function wellKnownPath(): string | undefined {
  const { process } = globalThis as unknown as { readonly process?: { readonly platform?: string } };
  const configured = environmentVariable("CLOUDSDK_CONFIG");
  if (process?.platform === "win32") {
    const appData = environmentVariable("APPDATA");
    const folder = configured ?? (appData && `${appData}\\gcloud`);
    return folder && `${folder}\\${FILE_NAME}`;
  }
  const home = environmentVariable("HOME");
  const folder = configured ?? (home && `${home}/.config/gcloud`);
  return folder && `${folder}/${FILE_NAME}`;
}

function parse(text: string, path: string): CredentialFields {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // the error would show a part of the file
  }
  if (typeof json !== "object" || json === null) {
    throw signInError("the credentials' file must hold a JSON object", shownPath(path));
  }
  return new CredentialFields(json as Record<string, unknown>, shownPath(path));
}
