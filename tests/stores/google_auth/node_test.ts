// Signs in under Node, with real files and a real environment.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { bundle, missingNode, run } from "../../helpers/runtimes.ts";
import { EXTERNAL, FakeGoogleAuth, newKeyPair } from "../helpers/fake_google_auth.ts";

const LIMIT_MS = 60_000;

const missing = await missingNode();
if (missing) console.log(`The test of signing in under Node is skipped, as ${missing}.`);

Deno.test({
  name: "applicationDefault() works under Node",
  ignore: missing !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
    await using server = new FakeGoogleAuth();
    const address = server.listen();
    const signIn = async (env: Record<string, string>): Promise<string> => {
      const output = await run("node", [`${folder}/program.mjs`], {
        env: { HOME: folder, APPDATA: folder, CLOUDSDK_CONFIG: "", ...env },
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      return output.trim();
    };
    const writeFile = async (name: string, content: unknown): Promise<string> => {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
      return path;
    };
    try {
      await bundle(import.meta.resolve("./node_program.ts"), `${folder}/program.mjs`);

      const { pem } = await newKeyPair();
      const file = { type: "service_account", client_email: "robot@p.example", token_uri: `${address}/token` };
      const key = await writeFile("key.json", { ...file, private_key: pem });
      assertEquals(await signIn({ GOOGLE_APPLICATION_CREDENTIALS: key }), "token-1");
      assertEquals(server.requests[0]!.form.grant_type, "urn:ietf:params:oauth:grant-type:jwt-bearer");

      const subject = await writeFile("subject", "from a file");
      const source = { token_url: `${address}/v1/token`, credential_source: { file: subject } };
      const external = await writeFile("external.json", { ...EXTERNAL, ...source });
      assertEquals(await signIn({ GOOGLE_APPLICATION_CREDENTIALS: external }), "sts-2");
      assertEquals(server.requests[1]!.form.subject_token, "from a file");

      const noFile = { GOOGLE_APPLICATION_CREDENTIALS: "" };
      assertEquals(await signIn({ ...noFile, GCE_METADATA_HOST: new URL(address).host }), "metadata-3");

      const absent = await signIn({ GOOGLE_APPLICATION_CREDENTIALS: `${folder}/absent.json` });
      assertStringIncludes(absent, `${folder}/absent.json: there is no such file`);
      const unreachable = await signIn({ ...noFile, GCE_METADATA_HOST: "127.0.0.1:1" });
      assertStringIncludes(unreachable, "no credentials were found");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
