/**
 * Signs in with the token of another provider, which Google exchanges for one of its own (workload identity federation).
 *
 * @module
 */
import { type AccessToken, requestToken } from "./access_token.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { signInError } from "./errors.ts";
import type { CredentialFields } from "./credential_fields.ts";
import { CALLER_SCOPE, IMPERSONATION_URL, impersonationOf } from "./impersonation.ts";
import { readText, shownPath } from "../sign_in/read_file.ts";
import { addressOf, formOf, type TokenRequest } from "../sign_in/token_request.ts";
import { requestFromServer } from "./request_from_server.ts";

const STS_URL = "https://sts.googleapis.com/v1/token";
const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

/** Only the users of workforce pools may name the project that is billed. */
const WORKFORCE_AUDIENCE = /^\/\/iam\.googleapis\.com\/locations\/[^/]+\/workforcePools\/[^/]+\/providers\//;

/** Signs in with Google's security token service, and then as a service account if the credentials name one. */
export async function externalAccountToken(
  context: SignInContext,
  credentials: CredentialFields,
  scope: string,
): Promise<AccessToken> {
  // checks the credentials before the first request
  const impersonate = credentials.has(IMPERSONATION_URL) ? impersonationOf(credentials, scope) : undefined;
  const exchangeRequest = exchangeRequestOf(context, credentials, impersonate ? CALLER_SCOPE : scope);
  const subjectToken = await readSubjectToken(context, credentials);
  context.secrets.push(subjectToken);
  const federated = await requestToken(context, exchangeRequest(subjectToken));
  return impersonate ? await impersonate(context, federated.token) : federated;
}

/** Checks the credentials, and returns a function that makes the request to the security token service. */
function exchangeRequestOf(
  context: SignInContext,
  credentials: CredentialFields,
  scope: string,
): (subjectToken: string) => TokenRequest {
  const url = credentials.url("token_url", { fallback: STS_URL });
  const audience = credentials.string("audience");
  const project = credentials.optionalString("workforce_pool_user_project");
  if (project && !WORKFORCE_AUDIENCE.test(audience)) {
    throw credentials.invalid(
      "workforce_pool_user_project",
      "must be left out, as the audience is not a workforce pool",
    );
  }
  const basicAuthorization = basicAuthorizationOf(context, credentials);
  const fields = {
    grant_type: GRANT_TYPE,
    audience,
    scope,
    requested_token_type: ACCESS_TOKEN_TYPE,
    subject_token_type: credentials.string("subject_token_type"),
    // an OAuth client has a project of its own
    ...(project && !basicAuthorization && { options: JSON.stringify({ userProject: project }) }),
  };
  return (subjectToken) => {
    const { headers, ...form } = formOf({ ...fields, subject_token: subjectToken });
    const authorization = basicAuthorization && { authorization: `Basic ${basicAuthorization}` };
    return { url, headers: { ...headers, ...authorization }, ...form, isOAuth: true };
  };
}

/** Id and secret of the OAuth client that requests the exchange, if the credentials name one. */
function basicAuthorizationOf({ secrets }: SignInContext, credentials: CredentialFields): string | undefined {
  const id = credentials.optionalString("client_id");
  if (id === undefined) return undefined;
  const secret = credentials.optionalString("client_secret") ?? "";
  const bytes = new TextEncoder().encode(`${id}:${secret}`);
  const encoded = btoa(String.fromCharCode(...bytes));
  secrets.push(secret, encoded);
  return encoded;
}

/** Reads the token of the other provider, from a file or a server. */
async function readSubjectToken(context: SignInContext, credentials: CredentialFields): Promise<string> {
  const source = credentials.object("credential_source");
  const format = subjectTokenFormat(source);
  if (source.has("file")) {
    const path = source.string("file");
    const { text, fault } = await readText(context, path);
    if (text === undefined) {
      throw signInError("the file of the subject token can't be read", `${shownPath(path)}: ${fault}`);
    }
    return subjectTokenIn(text, format, shownPath(path));
  }
  if (source.has("url") && !source.has("environment_id")) {
    const url = source.url("url", { allowLinkLocal: true });
    const headers = source.strings("headers");
    context.secrets.push(...Object.values(headers));
    // any server may be named here, so its messages are not shown
    const { body } = await requestFromServer(context, { url, headers, isOAuth: false });
    return subjectTokenIn(new TextDecoder().decode(body), format, addressOf(url));
  }
  throw source.unsupported(
    "a credential_source that is neither a file nor a URL, such as AWS, a program or a certificate,",
  );
}

/** The whole text is the token, or a field of its JSON is. */
type SubjectTokenFormat = { readonly type: "text" } | { readonly type: "json"; readonly field: string };

function subjectTokenFormat(source: CredentialFields): SubjectTokenFormat {
  const format = source.optionalObject("format");
  const type = format?.optionalString("type") ?? "text";
  if (type === "text") return { type };
  if (format && type === "json") return { type, field: format.string("subject_token_field_name") };
  throw source.invalid("format.type", 'must be "text" or "json"');
}

function subjectTokenIn(text: string, format: SubjectTokenFormat, source: string): string {
  const token = format.type === "text" ? text.trim() : jsonField(text, format.field);
  if (typeof token === "string" && token !== "") return token;
  throw signInError(`there is no subject token of the format "${format.type}"`, source);
}

function jsonField(text: string, name: string): unknown {
  try {
    const json = JSON.parse(text);
    return Object.hasOwn(json, name) ? json[name] : undefined;
  } catch {
    // the error would show a part of the text
    return undefined;
  }
}
