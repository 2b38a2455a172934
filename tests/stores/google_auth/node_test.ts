// Signing in under Node, from a bundle, with real files and a real environment.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { denoOrThrow } from "../../../scripts/deno_command.ts";
import { EXTERNAL, FakeGoogleAuth, newKeyPair } from "../helpers/fake_google_auth.ts";

const LIMIT_MS = 60_000;

/** Why Node can't be used here, if so. */
async function obstacle(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
    const version = new TextDecoder().decode(stdout).trim();
    return Number(version.match(/^v(\d+)/)?.[1]) >= 20 ? undefined : `node is older than 20: ${version}`;
  } catch {
    return "there is no node";
  }
}

const missing = await obstacle();
if (missing) console.log(`The test of signing in under Node is skipped, as ${missing}.`);

Deno.test({
  name: "applicationDefault() works under Node",
  ignore: missing !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
    await using server = new FakeGoogleAuth();
    const address = server.listen();
    const signedIn = async (env: Record<string, string>): Promise<string> => {
      const command = new Deno.Command("node", {
        args: [`${folder}/once.mjs`],
        env: { HOME: folder, APPDATA: folder, CLOUDSDK_CONFIG: "", NODE_OPTIONS: "", ...env },
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const { stdout, stderr } = await command.output();
      return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim();
    };
    const written = async (name: string, content: unknown): Promise<string> => {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
      return path;
    };
    try {
      const script = import.meta.resolve("./node_program.ts");
      await denoOrThrow(["bundle", "--quiet", `--output=${folder}/once.mjs`, script]);

      const { pem } = await newKeyPair();
      const file = { type: "service_account", client_email: "robot@p.example", token_uri: `${address}/token` };
      const key = await written("key.json", { ...file, private_key: pem });
      assertEquals(await signedIn({ GOOGLE_APPLICATION_CREDENTIALS: key }), "token-1");
      assertEquals(server.requests[0]!.form.grant_type, "urn:ietf:params:oauth:grant-type:jwt-bearer");

      const subject = await written("subject", "from a file");
      const source = { token_url: `${address}/v1/token`, credential_source: { file: subject } };
      const external = await written("external.json", { ...EXTERNAL, ...source });
      assertEquals(await signedIn({ GOOGLE_APPLICATION_CREDENTIALS: external }), "sts-2");
      assertEquals(server.requests[1]!.form.subject_token, "from a file");

      const none = { GOOGLE_APPLICATION_CREDENTIALS: "" };
      assertEquals(await signedIn({ ...none, GCE_METADATA_HOST: new URL(address).host }), "metadata-3");

      const absent = await signedIn({ GOOGLE_APPLICATION_CREDENTIALS: `${folder}/absent.json` });
      assertStringIncludes(absent, `${folder}/absent.json: there is no such file`);
      const nobody = await signedIn({ ...none, GCE_METADATA_HOST: "127.0.0.1:1" });
      assertStringIncludes(nobody, "no credentials were found");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
