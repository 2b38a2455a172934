/**
 * Signs in with the token of another identity provider, as pods of EKS do with IAM roles for service accounts.
 *
 * @module
 */
import { environmentVariable } from "../http/environment.ts";
import { textIn } from "../http/response.ts";
import { childOf, parseXml, textOfChild } from "../http/xml.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { readText, shownPath } from "../sign_in/read_file.ts";
import { formOf } from "../sign_in/token_request.ts";
import type { SigningKeys } from "./credentials.ts";
import { signInError } from "./errors.ts";
import { keysIn, requestFromServer } from "./key_response.ts";

const FILE_VARIABLE = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE_VARIABLE = "AWS_ROLE_ARN";
const DEFAULT_SESSION_NAME = "neat-periodic-task";

/**
 * Exchanges the token in a file for credentials of a role.
 *
 * @param context The sign-in.
 * @param region The region whose security token service is asked.
 * @returns The credentials; `undefined` if the environment names no file.
 */
export async function webIdentityKeys(context: SignInContext, region: string): Promise<SigningKeys | undefined> {
  const path = environmentVariable(FILE_VARIABLE);
  if (path === undefined) return undefined;
  const role = environmentVariable(ROLE_VARIABLE);
  if (role === undefined) throw signInError(`${ROLE_VARIABLE} must be set beside ${FILE_VARIABLE}`, "unset");
  const { text, fault } = await readText(context, path);
  if (text === undefined) {
    throw signInError(`the file named by ${FILE_VARIABLE} can't be read`, `${shownPath(path)}: ${fault}`);
  }
  const token = text.trim();
  context.secrets.push(token);
  const form = formOf({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: environmentVariable("AWS_ROLE_SESSION_NAME") ?? DEFAULT_SESSION_NAME,
    WebIdentityToken: token,
  });
  const url = stsUrl(region);
  const response = await requestFromServer(context, { url, ...form, isOAuth: false });
  const root = parseXml(textIn(response));
  const credentials = childOf(childOf(root, "AssumeRoleWithWebIdentityResult"), "Credentials");
  return keysIn(context, response, url, {
    accessKeyId: textOfChild(credentials, "AccessKeyId"),
    secretAccessKey: textOfChild(credentials, "SecretAccessKey"),
    sessionToken: textOfChild(credentials, "SessionToken"),
    expiration: textOfChild(credentials, "Expiration"),
  });
}

function stsUrl(region: string): URL {
  const variable = "AWS_ENDPOINT_URL_STS";
  const configured = environmentVariable(variable);
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const text = configured ?? `https://sts.${region}.${suffix}/`;
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw signInError(`${variable} must be an http: or https: URL`, "another text");
}
