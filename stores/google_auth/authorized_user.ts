/**
 * The credentials of a person, as gcloud leaves them: a refresh token is exchanged for an access token.
 *
 * @module
 */
import { formOf } from "./ask.ts";
import type { AccessToken, Session } from "./attempt.ts";
import type { Fields } from "./fields.ts";
import { TOKEN_URL } from "./service_account.ts";
import { askForToken } from "./token_answer.ts";

/** Signs in as a person. The token has the scopes that the person has agreed to. */
export async function authorizedUserToken(session: Session, file: Fields): Promise<AccessToken> {
  const secret = { client_secret: file.text("client_secret"), refresh_token: file.text("refresh_token") };
  session.attempt.secrets.push(...Object.values(secret));
  return await askForToken(session, {
    url: file.url("token_uri", TOKEN_URL),
    ...formOf({ grant_type: "refresh_token", client_id: file.text("client_id"), ...secret }),
    advice: { invalid_grant: "sign in again with `gcloud auth application-default login`" },
    isOAuth: true,
  });
}
