/**
 * Signs in with the metadata server of a machine in Google Cloud.
 *
 * @module
 */
import { environmentVariable } from "../http/environment.ts";
import { type AccessToken, accessTokenIn } from "./access_token.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { signInError, TOKEN_FUNCTION_HINT } from "./errors.ts";
import { addressOf, sendTokenRequest, type TokenRequest } from "../sign_in/token_request.ts";

const HOST = "metadata.google.internal";
const PATH = "/computeMetadata/v1/instance/service-accounts/default/token";

/** The metadata server requires this header, and returns it; other servers don't. */
const FLAVOR_HEADER = "metadata-flavor";
const FLAVOR = "Google";

const WAYS_TO_SIGN_IN =
  "Let GOOGLE_APPLICATION_CREDENTIALS name a file with credentials, run `gcloud auth application-default login`, " +
  `run on Google Cloud, or ${TOKEN_FUNCTION_HINT}. Under Deno, --allow-env, --allow-read and --allow-net are needed`;

/**
 * Signs in as the service account of this machine.
 *
 * @param context The sign-in.
 * @param scope The scopes of the token, with spaces between them.
 * @param searched Where there are no credentials, for the error.
 */
export async function metadataToken(
  context: SignInContext,
  scope: string,
  searched: readonly string[],
): Promise<AccessToken> {
  const url = tokenUrl(scope);
  const headers = { [FLAVOR_HEADER]: FLAVOR };
  const request: TokenRequest = { url, headers, isOAuth: false, mayBeAbsent: true };
  const { response, fault } = await sendTokenRequest(context, request);
  const address = addressOf(url);
  if (response.headers.get(FLAVOR_HEADER)?.trim() !== FLAVOR) {
    const result = fault ?? `HTTP ${response.status} without "Metadata-Flavor: Google"`;
    const places = [...searched, `${address}: ${result}`].join("; ");
    throw signInError("no credentials were found", `${places}. ${WAYS_TO_SIGN_IN}`);
  }
  if (fault !== undefined) {
    const hint = response.status === 404 ? " (the machine may have no service account)" : "";
    throw signInError("the metadata server rejected the request", `${fault} at ${address}${hint}`);
  }
  return accessTokenIn(context, response, request);
}

function tokenUrl(scope: string): URL {
  const host = environmentVariable("GCE_METADATA_HOST") ?? HOST;
  const base = host.includes("://") ? host : `http://${host}`;
  if (!URL.canParse(base)) throw signInError("GCE_METADATA_HOST must be a host", "another text");
  const url = new URL(PATH, base);
  url.searchParams.set("scopes", scope.split(" ").join(","));
  return url;
}
