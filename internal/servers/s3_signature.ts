/**
 * Checks signatures as S3 does, by the documentation of AWS Signature Version 4 alone.
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import type { FakeRequest } from "./fault_service.ts";

/** The parts of a signed request. */
export interface Signature {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([\da-f]{64})$/;

/** Reads the signature of a request; `undefined` if there is none. */
export function signatureOf({ headers }: FakeRequest): Signature | undefined {
  const match = AUTHORIZATION.exec(headers.get("authorization") ?? "");
  if (!match) return undefined;
  const [, accessKeyId = "", day = "", region = "", service = "", signedHeaders = "", signature = ""] = match;
  return { accessKeyId, day, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

/** The time of a request in milliseconds since 1970. */
export function signedMs({ headers }: FakeRequest): number {
  const text = headers.get("x-amz-date") ?? "";
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** Whether a request was signed with a secret, with all headers that matter, and has the body that was signed. */
export function isSignedWith(request: FakeRequest, signature: Signature, secret: string): boolean {
  const { headers, body } = request;
  const { signedHeaders, day, region, service } = signature;
  const mustSign = [
    "host",
    ...[...headers.keys()].filter((name) => name.startsWith("x-amz-") || name.startsWith("if-")),
  ];
  if (!mustSign.every((name) => signedHeaders.includes(name))) return false;
  if (headers.get("x-amz-content-sha256") !== sha256(body)) return false;
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, sha256(canonicalRequest(request, signature))];
  const key = [day, region, service, "aws4_request"].reduce<Uint8Array>(
    (key, part) => hmac(key, part),
    new TextEncoder().encode(`AWS4${secret}`),
  );
  return hmac(key, text.join("\n")).toString("hex") === signature.signature;
}

function canonicalRequest({ method, target, headers }: FakeRequest, { signedHeaders }: Signature): string {
  const [path = "", search = ""] = target.split("?");
  const query = search === "" ? [] : search.split("&").map((pair) => {
    const [name = "", value = ""] = pair.split("=");
    return `${encode(decodeURIComponent(name))}=${encode(decodeURIComponent(value))}`;
  });
  return [
    method,
    encode(decodeURIComponent(path)).replaceAll("%2F", "/"),
    query.toSorted().join("&"),
    ...signedHeaders.map((name) => `${name}:${(headers.get(name) ?? "").trim().replace(/ +/g, " ")}`),
    "",
    signedHeaders.join(";"),
    headers.get("x-amz-content-sha256"),
  ].join("\n");
}

/** Encodes each byte but letters, digits and `-._~`. */
function encode(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function hmac(key: Uint8Array, text: string): Uint8Array & { toString(encoding: "hex"): string } {
  return createHmac("sha256", key).update(text).digest();
}
