import { assert } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { EXTERNAL, FakeGoogleAuth, FakeHost, IMPERSONATION, newKeyPair, PERSON } from "../helpers/fake_google_auth.ts";
import type { ReceivedRequest, Route } from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

const KEY = (await newKeyPair()).pem;

/** Every secret contains one of these. */
const SECRETS = {
  clientSecret: "GOCSPX-qJ7/client+Kx9wZ",
  refreshToken: "1//09vR refresh&Lm3Tq",
  subject: "eyJzdWJqZWN0Ijo/xY4+pQ8r",
  header: "header-Hf6:dGs2",
  query: "query-Uw5nBv1",
};

const CREDENTIALS: Record<string, (host: FakeHost) => Promise<unknown>> = {
  "a service account": () =>
    Promise.resolve({
      type: "service_account",
      private_key: KEY,
      client_email: "robot@p.iam.gserviceaccount.com",
      token_uri: `https://oauth2.googleapis.com/token?q=${SECRETS.query}`,
    }),
  "a service account with a broken key": () =>
    Promise.resolve({ type: "service_account", private_key: KEY.replace("M", ""), client_email: "robot@p.example" }),
  "a person": () =>
    Promise.resolve({ ...PERSON, client_secret: SECRETS.clientSecret, refresh_token: SECRETS.refreshToken }),
  "a person of a plain server": () =>
    Promise.resolve({
      ...PERSON,
      client_secret: SECRETS.clientSecret,
      refresh_token: SECRETS.refreshToken,
      token_uri: `http://plain.example/?${SECRETS.query}`,
    }),
  "an impersonated service account": () =>
    Promise.resolve({
      type: "impersonated_service_account",
      service_account_impersonation_url: IMPERSONATION,
      source_credentials: { ...PERSON, client_secret: SECRETS.clientSecret, refresh_token: SECRETS.refreshToken },
    }),
  "a subject token in a file": async (host) => ({
    ...EXTERNAL,
    client_id: "client",
    client_secret: SECRETS.clientSecret,
    service_account_impersonation_url: IMPERSONATION,
    credential_source: { file: await host.write("subject", SECRETS.subject) },
  }),
  "a subject token in a file of another format": async (host) => ({
    ...EXTERNAL,
    credential_source: {
      file: await host.write("subject", `{"id_token": ${SECRETS.subject}`),
      format: { type: "json", subject_token_field_name: "id_token" },
    },
  }),
  "a subject token at a URL": () =>
    Promise.resolve({
      ...EXTERNAL,
      service_account_impersonation_url: IMPERSONATION,
      credential_source: {
        url: `https://ids.example/provider?audience=${SECRETS.query}`,
        headers: { authorization: `Bearer ${SECRETS.header}` },
      },
    }),
  "a file that is not JSON": () => Promise.resolve(`{"type": "service_account", "private_key": "${KEY}"`),
  "a file of an unknown type": () => Promise.resolve({ type: "other", private_key: KEY, secret: SECRETS.clientSecret }),
};

/** All texts of a request. */
function textsOf({ url, headers, body, form }: ReceivedRequest): string[] {
  return [url.href, url.search, body, ...[...headers].map(([, value]) => value), ...Object.values(form)];
}

/** Answers a request; gets all requests so far. */
type Fault = (received: ReceivedRequest, all: readonly ReceivedRequest[]) => Response | Promise<Response>;

function echo(status: number, fields: (text: string) => object): Fault {
  return (received) => Response.json(fields(textsOf(received).join(" ")), { status });
}

/** Returns two of the texts that were sent. */
function echoOf(n: number): Fault {
  return (_seen, all) => {
    const [error, error_description] = all.flatMap(textsOf).slice(2 * n);
    return Response.json({ error, error_description }, { status: 400 });
  };
}

/** How a server may reveal what it has received. */
const FAULTS: Record<string, Fault> = {
  "rejects and echoes": echo(400, (text) => ({ error: "invalid_grant", error_description: text })),
  "rejects and echoes the end": echo(401, (text) => ({ error: "e", error_description: text.slice(-190) })),
  ...Object.fromEntries(
    Array.from({ length: 18 }, (_, n) => [`rejects and echoes pair ${n} of what was sent`, echoOf(n)]),
  ),
  "rejects and echoes in Google's form": echo(403, (text) => ({ error: { status: text, message: text } })),
  "rejects in plain text": (received) => new Response(textsOf(received).join(" "), { status: 403 }),
  "fails and echoes": echo(503, (text) => ({ error: text, error_description: text })),
  "redirects": (received) => new Response(null, { status: 302, headers: { location: received.url.href } }),
  "answers without a token": echo(200, (text) => ({ access_token: `${text}\n`, echo: text })),
  "answers no JSON": (received) => new Response(textsOf(received).join("\n ")),
  "throws an error with the whole request": (received) => {
    const text = textsOf(received).join(" ");
    throw Object.assign(new TypeError(text, { cause: new Error(text, { cause: text }) }), {
      code: text,
      request: received,
    });
  },
  "throws a text": (received) => {
    throw textsOf(received).join(" ");
  },
  "hangs": () => new Promise(() => {}),
};

/** All that a logger could show of an error. */
function textOfError(error: unknown): string {
  const texts = [Deno.inspect(error, { depth: 20, showHidden: true, strAbbreviateSize: Infinity })];
  for (let at = error as Error | undefined; at instanceof Error; at = at.cause as Error | undefined) {
    texts.push(
      String(at),
      at.message,
      at.stack ?? "",
      JSON.stringify(at),
      JSON.stringify(Object.getOwnPropertyDescriptors(at)),
    );
  }
  return texts.join("\n");
}

/** Parts of secrets, in the encodings that are sent. */
function secretParts(received: readonly ReceivedRequest[]): string[] {
  const assertions = received.flatMap(({ form }) => form.assertion?.split(".") ?? []);
  const bearers = received.flatMap(({ headers }) => headers.get("authorization")?.split(" ").slice(1) ?? []);
  const secrets = [
    ...Object.values(SECRETS),
    ...KEY.split("\n").filter((line) => line.length > 30),
    ...assertions,
    ...bearers,
  ];
  const forms = secrets.flatMap((
    secret,
  ) => [secret, encodeURIComponent(secret), new URLSearchParams({ a: secret }).toString().slice(2)]);
  // errors must not show 12 consecutive characters
  return forms.flatMap((form) => form.match(/.{12}/g) ?? [form]);
}

for (const [kind, credentials] of Object.entries(CREDENTIALS)) {
  Deno.test(`errors show no secret: ${kind}`, async () => {
    using time = new FakeTime();
    await using host = await FakeHost.start();
    await host.credentials(await credentials(host));
    const routes: (Route | "none")[] = ["token", "sts", "impersonate", "provider", "none"];
    let errors = 0;
    for (const route of routes) {
      for (const [what, fault] of Object.entries(FAULTS)) {
        await using server = new FakeGoogleAuth();
        if (route !== "none") server.always(route, (received) => fault(received, server.requests));

        const { error } = await settleInSteps(time, applicationDefault({ scope: "scope", fetch: server.fetch })(), {
          stepMs: 500,
        });
        if (error === undefined) continue;
        errors++;
        const text = textOfError(error);
        const parts = [...secretParts(server.requests), ...["token-1", "sts-1", "sts-2"]];
        for (const part of parts) {
          assert(!text.includes(part), `"${part}" is in the error after ${route} ${what}: ${text}`);
        }
        if (server.of(route as Route).length === 0) break;
      }
    }
    assert(errors > 0);
  });
}

Deno.test("errors don't show credentials in the place of their path", async () => {
  await using host = await FakeHost.start();
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: "scope", fetch: server.fetch });
  const json = JSON.stringify({ type: "service_account", private_key: KEY });
  for (const value of [json, KEY, btoa(json), JSON.stringify({ a: SECRETS.refreshToken })]) {
    host.env.GOOGLE_APPLICATION_CREDENTIALS = value;
    const [outcome] = await Promise.allSettled([token()]);
    const text = textOfError((outcome as PromiseRejectedResult).reason);
    for (const part of [...secretParts([]), ...btoa(json).match(/.{12}/g)!]) assert(!text.includes(part), text);
    assert(text.includes("a value that is not a path"), text);
  }
});

Deno.test("a token source does not show its secrets", async () => {
  await using host = await FakeHost.start();
  await host.credentials({ ...PERSON, refresh_token: SECRETS.refreshToken });
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: "scope", fetch: server.fetch });
  await token();
  const shown = Deno.inspect(token, { depth: 20, showHidden: true }) + JSON.stringify({ token });
  assert(!shown.includes("token-1") && !shown.includes(SECRETS.refreshToken));
});
