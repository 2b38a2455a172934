/**
 * Signs in with the metadata service of an EC2 instance, version 2.
 *
 * @module
 */
import { environmentVariable } from "../http/environment.ts";
import { type HttpResponse, textIn } from "../http/response.ts";
import { isToken } from "../http/token_source.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { addressOf, sendTokenRequest } from "../sign_in/token_request.ts";
import type { SigningKeys } from "./credentials.ts";
import { signInError } from "./errors.ts";
import { requestFromServer, requestKeys } from "./key_response.ts";

const DEFAULT_ENDPOINT = "http://169.254.169.254";
const IPV6_ENDPOINT = "http://[fd00:ec2::254]";
const ROLES_PATH = "/latest/meta-data/iam/security-credentials/";

/** How long the session with the service lasts: three requests. */
const SESSION_SECONDS = "60";

const WAYS_TO_SIGN_IN =
  "Give the store `credentials`, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run it where a role of AWS is attached. " +
  "Profiles in files need `credentials: fromIni()` of @aws-sdk/credential-providers. Under Deno, --allow-env, --allow-read and " +
  "--allow-net are needed";

/** The credentials of the instance's role. */
export async function instanceKeys(context: SignInContext): Promise<SigningKeys> {
  const session = await openSession(context);
  const headers = { "x-aws-ec2-metadata-token": session };
  const rolesUrl = metadataUrl(ROLES_PATH);
  const roles = await requestFromServer(context, { url: rolesUrl, headers, isOAuth: false });
  const [role = ""] = textIn(roles).trim().split(/\s/);
  if (!/^[\w+=,.@-]+$/.test(role)) throw signInError("the instance must have a role", `none at ${addressOf(rolesUrl)}`);
  return await requestKeys(context, { url: metadataUrl(ROLES_PATH + role), headers, isOAuth: false });
}

async function openSession(context: SignInContext): Promise<string> {
  if (environmentVariable("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") {
    throw noCredentials("AWS_EC2_METADATA_DISABLED is set");
  }
  const url = metadataUrl("/latest/api/token");
  const { response, fault } = await sendTokenRequest(context, {
    url,
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": SESSION_SECONDS },
    isOAuth: false,
    mayBeAbsent: true,
  });
  if (fault !== undefined) throw noCredentials(`${addressOf(url)}: ${fault}`);
  return sessionIn(context, response, url);
}

function sessionIn({ secrets }: SignInContext, response: HttpResponse, url: URL): string {
  const session = textIn(response).trim();
  if (!isToken(session)) throw signInError(`the response of ${addressOf(url)} must hold a token`, "another response");
  secrets.push(session);
  return session;
}

function noCredentials(reason: string): Error {
  const searched = [
    "AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or FULL_URI are not set",
    reason,
  ];
  return signInError("no credentials were found", `${searched.join("; ")}. ${WAYS_TO_SIGN_IN}`);
}

function metadataUrl(path: string): URL {
  const variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  const isIpv6 = environmentVariable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.toLowerCase() === "ipv6";
  const base = environmentVariable(variable) ?? (isIpv6 ? IPV6_ENDPOINT : DEFAULT_ENDPOINT);
  if (URL.canParse(base) && /^https?:/.test(base)) return new URL(path, base);
  throw signInError(`${variable} must be an http: or https: URL`, "another text");
}
