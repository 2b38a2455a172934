import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { applicationDefault } from "../../../stores/google_auth/application_default.ts";
import { redact } from "../../../stores/http/redact.ts";
import { EXTERNAL, FakeGoogleAuth, FakeHost, IMPERSONATION, newKeyPair, PERSON } from "../helpers/fake_google_auth.ts";
import type { Route, Seen } from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";

const KEY = (await newKeyPair()).pem;

/** Every secret has one of these in it. */
const MARKS = {
  clientSecret: "GOCSPX-qJ7/client+Kx9wZ",
  refreshToken: "1//09vR refresh&Lm3Tq",
  subject: "eyJzdWJqZWN0Ijo/xY4+pQ8r",
  header: "header-Hf6:dGs2",
  query: "query-Uw5nBv1",
};

const KINDS: Record<string, (host: FakeHost) => Promise<unknown>> = {
  "a service account": () =>
    Promise.resolve({
      type: "service_account",
      private_key: KEY,
      client_email: "robot@p.iam.gserviceaccount.com",
      token_uri: `https://oauth2.googleapis.com/token?q=${MARKS.query}`,
    }),
  "a service account with a broken key": () =>
    Promise.resolve({ type: "service_account", private_key: KEY.replace("M", ""), client_email: "robot@p.example" }),
  "a person": () =>
    Promise.resolve({ ...PERSON, client_secret: MARKS.clientSecret, refresh_token: MARKS.refreshToken }),
  "a person of a plain server": () =>
    Promise.resolve({
      ...PERSON,
      client_secret: MARKS.clientSecret,
      refresh_token: MARKS.refreshToken,
      token_uri: `http://plain.example/?${MARKS.query}`,
    }),
  "an impersonated service account": () =>
    Promise.resolve({
      type: "impersonated_service_account",
      service_account_impersonation_url: IMPERSONATION,
      source_credentials: { ...PERSON, client_secret: MARKS.clientSecret, refresh_token: MARKS.refreshToken },
    }),
  "a subject token in a file": async (host) => ({
    ...EXTERNAL,
    client_id: "client",
    client_secret: MARKS.clientSecret,
    service_account_impersonation_url: IMPERSONATION,
    credential_source: { file: await host.write("subject", MARKS.subject) },
  }),
  "a subject token in a file of another format": async (host) => ({
    ...EXTERNAL,
    credential_source: {
      file: await host.write("subject", `{"id_token": ${MARKS.subject}`),
      format: { type: "json", subject_token_field_name: "id_token" },
    },
  }),
  "a subject token at a URL": () =>
    Promise.resolve({
      ...EXTERNAL,
      service_account_impersonation_url: IMPERSONATION,
      credential_source: {
        url: `https://ids.example/provider?audience=${MARKS.query}`,
        headers: { authorization: `Bearer ${MARKS.header}` },
      },
    }),
  "a file that is not JSON": () => Promise.resolve(`{"type": "service_account", "private_key": "${KEY}"`),
  "a file of an unknown type": () => Promise.resolve({ type: "other", private_key: KEY, secret: MARKS.clientSecret }),
};

/** All that a request holds, as texts. */
function allOf({ url, headers, body, form }: Seen): string[] {
  return [url.href, url.search, body, ...[...headers].map(([, value]) => value), ...Object.values(form)];
}

/** Given the request, and all that have come until then. */
type Fault = (seen: Seen, all: readonly Seen[]) => Response | Promise<Response>;

function echo(status: number, fields: (text: string) => object): Fault {
  return (seen) => Response.json(fields(allOf(seen).join(" ")), { status });
}

/** What has been sent, by two texts at a time. */
function echoOf(n: number): Fault {
  return (_seen, all) => {
    const [error, error_description] = all.flatMap(allOf).slice(2 * n);
    return Response.json({ error, error_description }, { status: 400 });
  };
}

/** What a server may do with what it is told. */
const FAULTS: Record<string, Fault> = {
  "refuses and echoes": echo(400, (text) => ({ error: "invalid_grant", error_description: text })),
  "refuses and echoes the end": echo(401, (text) => ({ error: "e", error_description: text.slice(-190) })),
  ...Object.fromEntries(
    Array.from({ length: 18 }, (_, n) => [`refuses and echoes pair ${n} of what was sent`, echoOf(n)]),
  ),
  "refuses and echoes in Google's form": echo(403, (text) => ({ error: { status: text, message: text } })),
  "refuses in plain text": (seen) => new Response(allOf(seen).join(" "), { status: 403 }),
  "fails and echoes": echo(503, (text) => ({ error: text, error_description: text })),
  "redirects": (seen) => new Response(null, { status: 302, headers: { location: seen.url.href } }),
  "answers without a token": echo(200, (text) => ({ access_token: `${text}\n`, echo: text })),
  "answers no JSON": (seen) => new Response(allOf(seen).join("\n ")),
  "breaks off with all that it knows": (seen) => {
    const text = allOf(seen).join(" ");
    throw Object.assign(new TypeError(text, { cause: new Error(text, { cause: text }) }), {
      code: text,
      request: seen,
    });
  },
  "throws a text": (seen) => {
    throw allOf(seen).join(" ");
  },
  "hangs": () => new Promise(() => {}),
};

/** Whatever could be logged of an error. */
function saidBy(error: unknown): string {
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

/** Pieces of secrets, in the forms that they are sent in. */
function piecesOf(seen: readonly Seen[]): string[] {
  const assertions = seen.flatMap(({ form }) => form.assertion?.split(".") ?? []);
  const bearers = seen.flatMap(({ headers }) => headers.get("authorization")?.split(" ").slice(1) ?? []);
  const secrets = [
    ...Object.values(MARKS),
    ...KEY.split("\n").filter((line) => line.length > 30),
    ...assertions,
    ...bearers,
  ];
  const forms = secrets.flatMap((
    secret,
  ) => [secret, encodeURIComponent(secret), new URLSearchParams({ a: secret }).toString().slice(2)]);
  // no 12 characters in a row may be seen
  return forms.flatMap((form) => form.match(/.{12}/g) ?? [form]);
}

for (const [kind, credentials] of Object.entries(KINDS)) {
  Deno.test(`errors show no secret: ${kind}`, async () => {
    using time = new FakeTime();
    await using host = await FakeHost.start();
    await host.credentials(await credentials(host));
    const routes: (Route | "none")[] = ["token", "sts", "impersonate", "provider", "none"];
    let errors = 0;
    for (const route of routes) {
      for (const [what, fault] of Object.entries(FAULTS)) {
        await using server = new FakeGoogleAuth();
        if (route !== "none") server.always(route, (seen) => fault(seen, server.requests));

        const { error } = await settleInSteps(time, applicationDefault({ scope: "scope", fetch: server.fetch })(), {
          stepMs: 500,
        });
        if (error === undefined) continue;
        errors++;
        const said = saidBy(error);
        const pieces = [...piecesOf(server.requests), ...["token-1", "sts-1", "sts-2"]];
        for (const piece of pieces) {
          assert(!said.includes(piece), `"${piece}" is in the error after ${route} ${what}: ${said}`);
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
  for (const value of [json, KEY, btoa(json), JSON.stringify({ a: MARKS.refreshToken })]) {
    host.env.GOOGLE_APPLICATION_CREDENTIALS = value;
    const [outcome] = await Promise.allSettled([token()]);
    const said = saidBy((outcome as PromiseRejectedResult).reason);
    for (const piece of [...piecesOf([]), ...btoa(json).match(/.{12}/g)!]) assert(!said.includes(piece), said);
    assert(said.includes("a value that is not a path"), said);
  }
});

Deno.test("a token source does not show its secrets", async () => {
  await using host = await FakeHost.start();
  await host.credentials({ ...PERSON, refresh_token: MARKS.refreshToken });
  await using server = new FakeGoogleAuth();
  const token = applicationDefault({ scope: "scope", fetch: server.fetch });
  await token();
  const shown = Deno.inspect(token, { depth: 20, showHidden: true }) + JSON.stringify({ token });
  assert(!shown.includes("token-1") && !shown.includes(MARKS.refreshToken));
});

Deno.test("redact() replaces parts of secrets and keeps the rest", () => {
  const secret = "abcdefghijklmnop";
  assertEquals(redact(`before ${secret} after`, [secret]), "before [secret] after");
  assertEquals(redact("cut: efghijklmn.", [secret]), "cut: [secret].");
  assertEquals(redact(`${secret}${secret}`, [secret]), "[secret]");
  assertEquals(redact("a short: abc, and efghijk", [secret]), "a short: abc, and efghijk");
  assertEquals(redact("pin is 1234", ["1234", ""]), "pin is [secret]");
  assertEquals(redact("as JSON: line\\nline two", ["line\nline two"]), "as JSON: [secret]");
  assertEquals(redact("as a form: a%2Fb%2Bc+%C3%A4", ["a/b+c ä"]), "as a form: [secret]");
  assertEquals(redact("broken: \ud800", ["\ud800\ud800"]), "broken: \ud800");
  assertEquals(redact("several\r\n lines\0and\tsigns", []), "several lines and signs");
  assertEquals(redact("x".repeat(5_000), []).length, 200);
  assertEquals(redact(`${"y".repeat(195)}${secret}`, [secret]), `${"y".repeat(195)}[secr`);
});
