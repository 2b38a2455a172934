/**
 * Signs in with the agent of a container: ECS, Fargate, App Runner, and pods of EKS with EKS Pod Identity.
 *
 * @module
 */
import { environmentVariable } from "../http/environment.ts";
import { isToken } from "../http/token_source.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { readText, shownPath } from "../sign_in/read_file.ts";
import type { SigningKeys } from "./credentials.ts";
import { signInError } from "./errors.ts";
import { requestKeys } from "./key_response.ts";

const RELATIVE_VARIABLE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL_VARIABLE = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE_VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const ECS_AGENT = "http://169.254.170.2";

/** The hosts that may be asked without TLS: this machine, and the agents of ECS and EKS, which are on it, too. */
const LOCAL_HOSTS = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/;

/** The credentials of the container; `undefined` if the environment names no agent. */
export async function containerKeys(context: SignInContext): Promise<SigningKeys | undefined> {
  const url = agentUrl();
  if (url === undefined) return undefined;
  const token = await authorizationToken(context);
  return await requestKeys(context, {
    url,
    headers: { accept: "application/json", ...(token !== undefined && { authorization: token }) },
    isOAuth: false,
  });
}

function agentUrl(): URL | undefined {
  const relative = environmentVariable(RELATIVE_VARIABLE);
  const text = relative === undefined ? environmentVariable(FULL_VARIABLE) : ECS_AGENT + relative;
  if (text === undefined) return undefined;
  const variable = relative === undefined ? FULL_VARIABLE : RELATIVE_VARIABLE;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === "http:" && LOCAL_HOSTS.test(url.hostname);
  if (url && (url.protocol === "https:" || isLocal)) return url;
  throw signInError(`${variable} must be an https: URL, or one of this machine`, "another text");
}

async function authorizationToken(context: SignInContext): Promise<string | undefined> {
  const path = environmentVariable(TOKEN_FILE_VARIABLE);
  const content = path === undefined ? undefined : await readText(context, path);
  if (path !== undefined && content?.text === undefined) {
    const value = `${shownPath(path)}: ${content?.fault}`;
    throw signInError(`the file named by ${TOKEN_FILE_VARIABLE} can't be read`, value);
  }
  const token = content?.text?.trim() ?? environmentVariable(TOKEN_VARIABLE);
  if (token === undefined) return undefined;
  context.secrets.push(token);
  // such as "Basic abc": spaces are no secret
  const isPrintable = token.split(" ").every(isToken);
  if (!isPrintable) throw signInError("the token for the container's agent must be printable ASCII", "another text");
  return token;
}
