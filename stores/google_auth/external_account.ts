/**
 * Credentials from elsewhere: the token of another provider is exchanged for one of Google's.
 *
 * @module
 */
import { askFor, formOf, placeOf, type Question } from "./ask.ts";
import { type AccessToken, type Attempt, type Session, signInError } from "./attempt.ts";
import type { Fields } from "./fields.ts";
import { readText, shownPath } from "./files.ts";
import { IMPERSONATION_URL, impersonationOf, IMPERSONATOR_SCOPE } from "./impersonation.ts";
import { askForToken } from "./token_answer.ts";

const STS_URL = "https://sts.googleapis.com/v1/token";
const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

/** Only the users of such pools may name the project that is billed. */
const WORKFORCE = /^\/\/iam\.googleapis\.com\/locations\/[^/]+\/workforcePools\/[^/]+\/providers\//;

/** Signs in by way of Google's security token service, and as a service account if the credentials name one. */
export async function externalAccountToken(session: Session, file: Fields, scope: string): Promise<AccessToken> {
  // whatever is wrong with the file shows before anything is sent
  const impersonate = file.has(IMPERSONATION_URL) ? impersonationOf(file, scope) : undefined;
  const exchange = exchangeOf(session.attempt, file, impersonate ? IMPERSONATOR_SCOPE : scope);
  const own = await askForToken(session, exchange(await subjectToken(session, file)));
  return impersonate ? await impersonate(session, own.token) : own;
}

/** The question to the security token service, by the subject token. */
function exchangeOf(attempt: Attempt, file: Fields, scope: string): (subject: string) => Question {
  const url = file.url("token_url", STS_URL);
  const audience = file.text("audience");
  const project = file.optionalText("workforce_pool_user_project");
  if (project && !WORKFORCE.test(audience)) {
    throw file.refusal("workforce_pool_user_project", "must be left out, as the audience is not a workforce pool");
  }
  const client = basicClient(attempt, file);
  const fields = {
    grant_type: GRANT_TYPE,
    audience,
    scope,
    requested_token_type: ACCESS_TOKEN_TYPE,
    subject_token_type: file.text("subject_token_type"),
    // a client of one's own names the project by itself
    ...(project && !client && { options: JSON.stringify({ userProject: project }) }),
  };
  return (subject) => {
    attempt.secrets.push(subject);
    const { headers, body = "" } = formOf({ ...fields, subject_token: subject });
    return {
      url,
      headers: { ...headers, ...(client && { authorization: `Basic ${client}` }) },
      body,
      isOAuth: true,
    };
  };
}

/** The OAuth client that the exchange is made for, if the credentials name one. */
function basicClient(attempt: Attempt, file: Fields): string | undefined {
  const id = file.optionalText("client_id");
  if (id === undefined) return undefined;
  const secret = file.optionalText("client_secret") ?? "";
  const bytes = new TextEncoder().encode(`${id}:${secret}`);
  const basic = btoa(String.fromCharCode(...bytes));
  attempt.secrets.push(secret, basic);
  return basic;
}

/** What the other provider says of who this is. */
async function subjectToken(session: Session, file: Fields): Promise<string> {
  const source = file.object("credential_source");
  const tokenIn = formatOf(source);
  if (source.has("file")) {
    const path = source.text("file");
    const { text, fault } = await readText(session.attempt, path);
    if (text === undefined) {
      throw signInError("the file of the subject token can't be read", `${shownPath(path)}: ${fault}`);
    }
    return tokenIn(text, shownPath(path));
  }
  if (source.has("url") && !source.has("environment_id")) {
    const url = source.url("url", undefined, true);
    const headers = source.texts("headers");
    session.attempt.secrets.push(...Object.values(headers));
    // of this server nothing is known, so none of its words are shown
    const { body } = await askFor(session, { url, headers, isOAuth: false });
    return tokenIn(new TextDecoder().decode(body), placeOf(url));
  }
  throw source.unknown("a credential_source that is neither a file nor a URL, such as AWS, a program or a certificate");
}

/** How to find the token in a text. */
function formatOf(source: Fields): (text: string, where: string) => string {
  const format = source.has("format") ? source.object("format") : undefined;
  const type = format?.optionalText("type") ?? "text";
  if (type !== "text" && type !== "json") throw source.refusal("format.type", 'must be "text" or "json"');
  const name = type === "json" ? format!.text("subject_token_field_name") : undefined;
  return (text, where) => {
    const token = name === undefined ? text.trim() : fieldOf(text, name);
    if (typeof token === "string" && token !== "") return token;
    throw signInError(`there is no subject token of the format "${type}"`, where);
  };
}

function fieldOf(text: string, name: string): unknown {
  try {
    const fields = JSON.parse(text);
    return Object.hasOwn(fields, name) ? fields[name] : undefined;
  } catch {
    // what was thrown would show a part of the text
    return undefined;
  }
}
