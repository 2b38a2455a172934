/**
 * The metadata server that Google Cloud has for its machines.
 *
 * @module
 */
import { ask, placeOf, type Question } from "./ask.ts";
import { type AccessToken, OTHER_WAY, type Session, signInError } from "./attempt.ts";
import { environmentVariable } from "./environment.ts";
import { tokenIn } from "./token_answer.ts";

const HOST = "metadata.google.internal";
const PATH = "/computeMetadata/v1/instance/service-accounts/default/token";

/** Asked for by the server, and shown by it: whoever doesn't is another server. */
const FLAVOR = { "metadata-flavor": "Google" };

/**
 * Signs in as the service account of this machine.
 *
 * @param session The session.
 * @param scope What the token must give access to.
 * @param looked Where there were no credentials before.
 */
export async function metadataToken(session: Session, scope: string, looked: readonly string[]): Promise<AccessToken> {
  const question: Question = { url: urlOf(scope), headers: FLAVOR, isOAuth: false, mayBeAbsent: true };
  const { answer, fault } = await ask(session, question);
  const place = placeOf(question.url);
  if (answer.headers.get("metadata-flavor")?.trim() !== "Google") {
    const found = fault ?? `HTTP ${answer.status} without "Metadata-Flavor: Google"`;
    throw signInError("no credentials were found", `${[...looked, `${place}: ${found}`].join("; ")}. ${WAYS}`);
  }
  if (fault) {
    const why = answer.status === 404 ? " (there may be no service account attached)" : "";
    throw signInError("the metadata server refuses", `${fault} at ${place}${why}`);
  }
  return tokenIn(session, answer, question);
}

const WAYS =
  "Let GOOGLE_APPLICATION_CREDENTIALS name a file with credentials, run `gcloud auth application-default login`, " +
  `run on Google Cloud, or ${OTHER_WAY}. Under Deno, --allow-env, --allow-read and --allow-net are needed`;

function urlOf(scope: string): URL {
  const host = environmentVariable("GCE_METADATA_HOST") ?? HOST;
  const base = host.includes("://") ? host : `http://${host}`;
  if (!URL.canParse(base)) throw signInError("GCE_METADATA_HOST must be a host", "something else");
  const url = new URL(PATH, base);
  url.searchParams.set("scopes", scope.split(" ").join(","));
  return url;
}
