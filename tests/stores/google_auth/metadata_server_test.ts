import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { FakeGoogleAuth, FakeHost, noAnswer } from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";

Deno.test("without a file, the metadata server signs in", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: `${SCOPE} other`, fetch: server.fetch });

  assertEquals(await token(), "metadata-1");
  host.env.GCE_METADATA_HOST = "127.0.0.1:8080";
  assertEquals(await token({ fresh: true }), "metadata-2");

  const [first, second] = server.requests;
  assertEquals([first!.method, first!.url.host], ["GET", "metadata.google.internal"]);
  assertEquals(first!.url.protocol, "http:");
  assertEquals(first!.url.pathname, "/computeMetadata/v1/instance/service-accounts/default/token");
  assertEquals([...first!.url.searchParams], [["scopes", `${SCOPE},other`]]);
  assertEquals(first!.headers.get("metadata-flavor"), "Google");
  assertEquals(second!.url.host, "127.0.0.1:8080");
});

Deno.test("without credentials, the error names all places and what to do", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  // a server that answers everything, as networks with a sign-in page have it
  server.always("metadata", () => Response.json({ access_token: "no", expires_in: 1 }));

  const error = await assertRejects(
    async () => await applicationDefault({ scope: SCOPE, fetch: server.fetch })(),
    Error,
  );

  assertStringIncludes(error.message, "Cannot sign in to Google as no credentials were found: current value is");
  assertStringIncludes(error.message, "GOOGLE_APPLICATION_CREDENTIALS: not set");
  assertStringIncludes(
    error.message,
    `${host.folder}/.config/gcloud/application_default_credentials.json: there is no`,
  );
  assertStringIncludes(error.message, 'default/token: HTTP 200 without "Metadata-Flavor: Google"');
  for (const way of ["gcloud auth application-default login", "`token`", "google-auth-library", "--allow-env"]) {
    assertStringIncludes(error.message, way);
  }
});

Deno.test("a missing metadata server takes at most 3 s", async () => {
  using time = new FakeTime();
  await using _host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  server.always("metadata", noAnswer);

  const { error, afterMs } = await settleInSteps(time, applicationDefault({ scope: SCOPE, fetch: server.fetch })(), {
    isReady: () => server.requests.length > 0,
  });

  assertStringIncludes(String(error), "no credentials were found");
  assertStringIncludes(String(error), "no answer (timed out)");
  assert(afterMs >= 3_000 && afterMs <= 3_500, `${afterMs} ms`);
  assertEquals(server.requests.length, 1);
});

Deno.test("the error of a metadata server that rejects the request names it", async () => {
  await using _host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const headers = { "metadata-flavor": "Google" };
  server.always("metadata", () => new Response("no such account", { status: 404, headers }));

  const error = await assertRejects(
    async () => await applicationDefault({ scope: SCOPE, fetch: server.fetch })(),
    Error,
  );

  assertEquals(
    error.message,
    "Cannot sign in to Google as the metadata server rejected the request: current value is HTTP 404 at metadata.google.internal" +
      "/computeMetadata/v1/instance/service-accounts/default/token (the machine may have no service account)",
  );
});
