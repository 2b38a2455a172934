/**
 * Signs in as a service account: exchanges a statement signed with its key for a token.
 *
 * @module
 */
import { systemClock } from "../../src/time/clock.ts";
import { type AccessToken, requestToken } from "./access_token.ts";
import type { SignInContext } from "../sign_in/context.ts";
import type { CredentialFields } from "./credential_fields.ts";
import { formOf } from "../sign_in/token_request.ts";

/** Google's OAuth server. */
export const TOKEN_URL = "https://oauth2.googleapis.com/token";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PEM = /-----BEGIN PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END PRIVATE KEY-----/;
const VALIDITY_SECONDS = 3_600;

/** Signs in with a key file. */
export async function serviceAccountToken(
  context: SignInContext,
  credentials: CredentialFields,
  scope: string,
): Promise<AccessToken> {
  const url = credentials.url("token_uri", { fallback: TOKEN_URL });
  const pem = credentials.string("private_key");
  const issuedAt = Math.floor(systemClock.nowMs() / 1_000);
  const claims = {
    iss: credentials.string("client_email"),
    scope,
    // as the file has it: URL would normalise it
    aud: credentials.optionalString("token_uri") ?? TOKEN_URL,
    iat: issuedAt,
    exp: issuedAt + VALIDITY_SECONDS,
  };
  const header = { alg: "RS256", typ: "JWT", kid: credentials.optionalString("private_key_id") };
  const assertion = await signJwt(header, claims, await importKey(credentials, pem));
  context.secrets.push(assertion);
  return await requestToken(context, {
    url,
    ...formOf({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }),
    advice: { invalid_grant: "is this machine's clock right, and does the key still exist?" },
    isOAuth: true,
  });
}

async function importKey(credentials: CredentialFields, pem: string): Promise<CryptoKey> {
  try {
    const [, base64 = ""] = PEM.exec(pem) ?? [];
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return await crypto.subtle.importKey("pkcs8", bytes, ALGORITHM, false, ["sign"]);
  } catch {
    // the error may hold parts of the key
    throw credentials.invalid(
      "private_key",
      "must be an RSA key in PKCS#8, from BEGIN PRIVATE KEY to END PRIVATE KEY",
    );
  }
}

async function signJwt(header: object, claims: object, key: CryptoKey): Promise<string> {
  const encoder = new TextEncoder();
  const content = [header, claims].map((part) => base64Url(encoder.encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign(ALGORITHM, key, encoder.encode(content));
  return `${content}.${base64Url(new Uint8Array(signature))}`;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
