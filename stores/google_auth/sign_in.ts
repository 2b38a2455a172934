/**
 * From credentials, wherever they are, to a token.
 *
 * @module
 */
import type { AccessToken, Session } from "./attempt.ts";
import { authorizedUserToken } from "./authorized_user.ts";
import { findCredentials } from "./credentials_file.ts";
import { externalAccountToken } from "./external_account.ts";
import type { Fields } from "./fields.ts";
import { impersonationOf, IMPERSONATOR_SCOPE } from "./impersonation.ts";
import { metadataToken } from "./metadata_server.ts";
import { serviceAccountToken } from "./service_account.ts";

type Way = (session: Session, file: Fields, scope: string) => Promise<AccessToken>;

/** How to sign in, by the type of the credentials. */
const WAYS: Readonly<Record<string, Way>> = {
  service_account: serviceAccountToken,
  authorized_user: authorizedUserToken,
  external_account: externalAccountToken,
  impersonated_service_account: async (session, file, scope) => {
    // whatever is wrong with it shows before anything is sent
    const impersonate = impersonationOf(file, scope);
    const { token } = await tokenBy(session, file.object("source_credentials"), IMPERSONATOR_SCOPE);
    return await impersonate(session, token);
  },
};

/** The services that the stores call belong to it; a token of another one must not be shown to them. */
const UNIVERSE = "googleapis.com";

/**
 * Signs in with Application Default Credentials.
 *
 * @param session The session.
 * @param scope What the token must give access to.
 * @returns A new token.
 * @throws If there are no credentials, if they can't be used or if they are refused; the error holds no secret.
 */
export async function signIn(session: Session, scope: string): Promise<AccessToken> {
  const { file, looked } = await findCredentials(session.attempt);
  return file ? await tokenBy(session, file, scope) : await metadataToken(session, scope, looked);
}

async function tokenBy(session: Session, file: Fields, scope: string): Promise<AccessToken> {
  const type = file.text("type");
  if (!Object.hasOwn(WAYS, type)) throw file.unknown(`credentials of the type ${JSON.stringify(type.slice(0, 50))}`);
  if ((file.optionalText("universe_domain") ?? UNIVERSE) !== UNIVERSE) {
    throw file.unknown(`a "universe_domain" other than ${UNIVERSE}`);
  }
  return await WAYS[type]!(session, file, scope);
}
