/**
 * The credentials of the environment, in the order of the AWS SDKs.
 *
 * @module
 */
import { environmentVariable } from "../http/environment.ts";
import type { SignInContext } from "../sign_in/context.ts";
import { containerKeys } from "./container.ts";
import { type SigningKeys, signingKeys } from "./credentials.ts";
import { signInError } from "./errors.ts";
import { instanceKeys } from "./instance_metadata.ts";
import { webIdentityKeys } from "./web_identity.ts";

/**
 * Signs in: with the keys in the environment, with a web identity, with the agent of the container, or with the metadata of the
 * instance, whichever is there first.
 *
 * @param context The sign-in.
 * @param region The region whose security token service is asked.
 * @throws If there are no credentials, or if they are invalid or rejected; the error holds no secret.
 */
export async function defaultKeys(context: SignInContext, region: string): Promise<SigningKeys> {
  return environmentKeys() ?? await webIdentityKeys(context, region) ?? await containerKeys(context) ??
    await instanceKeys(context);
}

function environmentKeys(): SigningKeys | undefined {
  const accessKeyId = environmentVariable("AWS_ACCESS_KEY_ID");
  const secretAccessKey = environmentVariable("AWS_SECRET_ACCESS_KEY");
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
    throw signInError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together", `${missing} is not set`);
  }
  const sessionToken = environmentVariable("AWS_SESSION_TOKEN");
  return signingKeys({ accessKeyId, secretAccessKey, sessionToken }, "sign in with the keys in the environment");
}
