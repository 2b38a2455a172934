/**
 * Error responses of S3.
 *
 * @module
 */
import { type HttpResponse, textIn } from "../http/response.ts";
import { parseXml, textOfChild, type XmlElement } from "../http/xml.ts";

/** The credentials are over, or another party has withdrawn them. New ones may be there. */
const REJECTED_CREDENTIALS = [
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidToken",
  "TokenRefreshRequired",
];

/** The outermost element of an error response; `undefined` if it holds none. */
function errorIn(response: HttpResponse): XmlElement | undefined {
  const root = response.status >= 300 ? parseXml(textIn(response)) : undefined;
  return root?.name === "Error" ? root : undefined;
}

/** A field of an error response, such as `Code`. */
export function errorField(response: HttpResponse, name: string): string | undefined {
  return textOfChild(errorIn(response), name);
}

/** The code of an error response. */
export function errorCode(response: HttpResponse): string | undefined {
  return errorField(response, "Code");
}

/** What an error response says. Its other fields are not shown, as they may hold the request with its session token. */
export function errorMessage(response: HttpResponse): string | undefined {
  const error = errorIn(response);
  if (!error) return undefined;
  return [textOfChild(error, "Code"), textOfChild(error, "Message")].filter((text) => text).join(": ");
}

/** Whether a response does not accept the credentials, and may accept newer ones. */
export function isCredentialRejection(response: HttpResponse): boolean {
  return response.status === 401 || REJECTED_CREDENTIALS.includes(errorCode(response) ?? "");
}
