/**
 * The key of a service account: a statement signed with it is exchanged for a token.
 *
 * @module
 */
import { systemClock } from "../../src/time/clock.ts";
import { formOf } from "./ask.ts";
import type { AccessToken, Session } from "./attempt.ts";
import type { Fields } from "./fields.ts";
import { askForToken } from "./token_answer.ts";

/** Where Google exchanges what it is given for tokens. */
export const TOKEN_URL = "https://oauth2.googleapis.com/token";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PEM = /-----BEGIN PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END PRIVATE KEY-----/;
const LIFE_SECONDS = 3_600;

/** Signs in with a key file. */
export async function serviceAccountToken(session: Session, file: Fields, scope: string): Promise<AccessToken> {
  const url = file.url("token_uri", TOKEN_URL);
  const key = file.text("private_key");
  const iat = Math.floor(systemClock.nowMs() / 1_000);
  const claims = {
    iss: file.text("client_email"),
    scope,
    // as the file has it: a URL would be written in another way
    aud: file.optionalText("token_uri") ?? TOKEN_URL,
    iat,
    exp: iat + LIFE_SECONDS,
  };
  const kid = file.optionalText("private_key_id");
  const assertion = await signed(
    { alg: "RS256", typ: "JWT", kid },
    claims,
    await importedKey(file, key),
  );
  session.attempt.secrets.push(assertion);
  return await askForToken(session, {
    url,
    ...formOf({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }),
    advice: { invalid_grant: "is this machine's clock right, and has the key not been deleted?" },
    isOAuth: true,
  });
}

async function importedKey(file: Fields, text: string): Promise<CryptoKey> {
  try {
    const bytes = Uint8Array.from(atob(PEM.exec(text)![1]!), (character) => character.charCodeAt(0));
    return await crypto.subtle.importKey("pkcs8", bytes, ALGORITHM, false, ["sign"]);
  } catch {
    // what was thrown is not shown, as it may know the key
    throw file.refusal("private_key", "must be an RSA key in PKCS#8, from BEGIN PRIVATE KEY to END PRIVATE KEY");
  }
}

async function signed(header: object, claims: object, key: CryptoKey): Promise<string> {
  const content = [header, claims].map((part) => base64Url(new TextEncoder().encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign(ALGORITHM, key, new TextEncoder().encode(content));
  return `${content}.${base64Url(new Uint8Array(signature))}`;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
