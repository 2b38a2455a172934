/**
 * Signs in with Application Default Credentials, wherever they are.
 *
 * @module
 */
import type { AccessToken } from "./access_token.ts";
import { authorizedUserToken } from "./authorized_user.ts";
import type { SignInContext } from "../sign_in/context.ts";
import type { CredentialFields } from "./credential_fields.ts";
import { findCredentials } from "./credentials_file.ts";
import { externalAccountToken } from "./external_account.ts";
import { CALLER_SCOPE, impersonationOf } from "./impersonation.ts";
import { metadataToken } from "./metadata_server.ts";
import { serviceAccountToken } from "./service_account.ts";

type SignIn = (context: SignInContext, credentials: CredentialFields, scope: string) => Promise<AccessToken>;

/** How to sign in, by the type of the credentials. */
const SIGN_IN_BY_TYPE: ReadonlyMap<string, SignIn> = new Map([
  ["service_account", serviceAccountToken],
  ["authorized_user", authorizedUserToken],
  ["external_account", externalAccountToken],
  ["impersonated_service_account", impersonatedToken],
]);

/** The stores call services of this universe; a token of another one must not be sent to them. */
const UNIVERSE = "googleapis.com";

/**
 * Signs in.
 *
 * @param context The sign-in.
 * @param scope The scopes of the token, with spaces between them.
 * @returns A new token.
 * @throws If there are no credentials, or if they are invalid or rejected; the error holds no secret.
 */
export async function signIn(context: SignInContext, scope: string): Promise<AccessToken> {
  const { credentials, searched } = await findCredentials(context);
  return credentials ? await tokenFor(context, credentials, scope) : await metadataToken(context, scope, searched);
}

async function tokenFor(context: SignInContext, credentials: CredentialFields, scope: string): Promise<AccessToken> {
  const type = credentials.string("type");
  const signInByType = SIGN_IN_BY_TYPE.get(type);
  if (!signInByType) throw credentials.unsupported(`credentials of the type ${JSON.stringify(type.slice(0, 50))}`);
  const universe = credentials.optionalString("universe_domain") ?? UNIVERSE;
  if (universe !== UNIVERSE) throw credentials.unsupported(`a "universe_domain" other than ${UNIVERSE}`);
  return await signInByType(context, credentials, scope);
}

async function impersonatedToken(
  context: SignInContext,
  credentials: CredentialFields,
  scope: string,
): Promise<AccessToken> {
  // checks the credentials before the first request
  const impersonate = impersonationOf(credentials, scope);
  const caller = await tokenFor(context, credentials.object("source_credentials"), CALLER_SCOPE);
  return await impersonate(context, caller.token);
}
