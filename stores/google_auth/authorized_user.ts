/**
 * Signs in as a person: exchanges the refresh token of gcloud for an access token.
 *
 * @module
 */
import { type AccessToken, requestToken } from "./access_token.ts";
import type { SignInContext } from "../sign_in/context.ts";
import type { CredentialFields } from "./credential_fields.ts";
import { TOKEN_URL } from "./service_account.ts";
import { formOf } from "../sign_in/token_request.ts";

/** Signs in as a person. The token has the scopes that the person has agreed to. */
export async function authorizedUserToken(
  context: SignInContext,
  credentials: CredentialFields,
): Promise<AccessToken> {
  const secrets = {
    client_secret: credentials.string("client_secret"),
    refresh_token: credentials.string("refresh_token"),
  };
  context.secrets.push(...Object.values(secrets));
  return await requestToken(context, {
    url: credentials.url("token_uri", { fallback: TOKEN_URL }),
    ...formOf({ grant_type: "refresh_token", client_id: credentials.string("client_id"), ...secrets }),
    advice: { invalid_grant: "sign in again with `gcloud auth application-default login`" },
    isOAuth: true,
  });
}
