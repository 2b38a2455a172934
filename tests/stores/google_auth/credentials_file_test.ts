import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { FakeGoogleAuth, FakeHost, PERSON } from "../helpers/fake_google_auth.ts";

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";

Deno.test("GOOGLE_APPLICATION_CREDENTIALS comes before the file of gcloud", async () => {
  await using host = await FakeHost.start();
  await host.write(".config/gcloud/application_default_credentials.json", { ...PERSON, client_id: "gcloud" });
  await host.credentials({ ...PERSON, client_id: "named" });
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });

  await token();
  host.env.GOOGLE_APPLICATION_CREDENTIALS = "";
  await token({ fresh: true });
  host.env.CLOUDSDK_CONFIG = `${host.folder}/elsewhere`;
  await host.write("elsewhere/application_default_credentials.json", { ...PERSON, client_id: "configured" });
  await token({ fresh: true });

  assertEquals(server.requests.map(({ form }) => form.client_id), ["named", "gcloud", "configured"]);
});

Deno.test("a named file that is missing throws, and nothing else is tried", async () => {
  await using host = await FakeHost.start();
  await host.write(".config/gcloud/application_default_credentials.json", PERSON);
  const path = host.env.GOOGLE_APPLICATION_CREDENTIALS = `${host.folder}/none.json`;
  await using server = new FakeGoogleAuth();

  const error = await assertRejects(async () => await applicationDefault({ scope: SCOPE, fetch: server.fetch })());

  assertEquals(
    (error as Error).message,
    "Cannot sign in to Google as the file named by GOOGLE_APPLICATION_CREDENTIALS can't be read: " +
      `current value is ${path}: there is no such file`,
  );
  assertEquals(server.requests, []);
});

Deno.test("on Windows, the file of gcloud is in APPDATA", async () => {
  await using host = await FakeHost.start("win32");
  host.env.APPDATA = `${host.folder}/roaming`;
  await using server = new FakeGoogleAuth();
  server.always("metadata", () => new Response());
  const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
  const name = "application_default_credentials.json";

  const byAppData = await assertRejects(async () => await token(), Error);
  assertStringIncludes(byAppData.message, `${host.folder}/roaming\\gcloud\\${name}: there is no such file`);
  host.env.CLOUDSDK_CONFIG = "C:\\configured";
  const byConfiguration = await assertRejects(async () => await token(), Error);
  assertStringIncludes(byConfiguration.message, `C:\\configured\\${name}`);
});

Deno.test({
  name: "without --allow-read, the error says so, and the metadata server signs in",
  permissions: { read: false },
  fn: async () => {
    const real = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    const env: Record<string, string> = { HOME: "/home/somebody" };
    Object.defineProperty(globalThis, "process", { configurable: true, value: { env } });
    try {
      await using server = new FakeGoogleAuth();
      const token = applicationDefault({ scope: SCOPE, fetch: server.fetch });
      assertEquals(await token(), "metadata-1");
      server.always("metadata", () => new Response());
      const none = await assertRejects(async () => await token({ fresh: true }), Error);
      assertStringIncludes(
        none.message,
        "application_default_credentials.json: reading it is denied, see Deno's --allow-read",
      );
      env.GOOGLE_APPLICATION_CREDENTIALS = "/home/somebody/key.json";
      const denied = await assertRejects(async () => await token({ fresh: true }), Error);
      assertStringIncludes(denied.message, "/home/somebody/key.json: reading it is denied, see Deno's --allow-read");
    } finally {
      Object.defineProperty(globalThis, "process", real);
    }
  },
});
