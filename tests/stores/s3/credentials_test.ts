// How the store signs in: with static keys, with a function, and with the keys of the environment, of a web identity, of a container
// and of an instance.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { type AwsCredentials, S3Store, type S3StoreOptions } from "../../../stores/s3.ts";
import { errorOf } from "../helpers/errors.ts";
import { FakeHost } from "../helpers/fake_google_auth.ts";
import { settleInSteps } from "../helpers/settle.ts";
import { FAKE_KEYS, hostFetch, storeOn } from "./setup.ts";

/** A request to a server that issues credentials. */
interface Sent {
  readonly line: string;
  readonly headers: Headers;
  readonly body: string;
}

type Answer = (sent: Sent) => Response | undefined;

/** S3, and servers that issue credentials. */
class Aws {
  readonly service = new FakeS3();
  readonly sent: Sent[] = [];
  answer: Answer = () => undefined;

  /** Creates a store that finds its credentials by itself. */
  store(options: Partial<S3StoreOptions> = {}): S3Store {
    const toS3 = hostFetch(this.service);
    return new S3Store({
      bucket: "bucket",
      prefix: "",
      region: "us-east-1",
      endpoint: "https://s3.example",
      fetch: async (url, init) => {
        if (url.startsWith("https://s3.example/")) return await toS3(url, init);
        const { method } = init;
        const body = init.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : "";
        const sent = { line: `${method} ${url}`, headers: new Headers(init.headers), body };
        this.sent.push(sent);
        const response = this.answer(sent);
        if (!response) throw new TypeError("connection refused");
        return response;
      },
      ...options,
    });
  }

  get lines(): string[] {
    return this.sent.map(({ line }) => line);
  }
}

const TOKEN = "a-session-token";
const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();
const ISSUED = {
  AccessKeyId: FAKE_KEYS.accessKeyId,
  SecretAccessKey: FAKE_KEYS.secretAccessKey,
  Token: TOKEN,
  Expiration: IN_AN_HOUR,
};

/** Creates S3, which accepts the issued credentials alone, and the environment. */
async function setUp(): Promise<{ aws: Aws; host: FakeHost; env: Record<string, string> }> {
  const host = await FakeHost.start();
  const aws = new Aws();
  aws.service.sessionTokens = new Set([TOKEN]);
  return { aws, host, env: host.env };
}

function assertHides({ message }: Error, ...secrets: string[]): void {
  for (const secret of [FAKE_KEYS.secretAccessKey, TOKEN, ...secrets]) assert(!message.includes(secret), message);
}

Deno.test("a function is called once, and again a few minutes before its credentials expire", async () => {
  using time = new FakeTime();
  const service = new FakeS3();
  let calls = 0;
  const credentials = (): Promise<AwsCredentials> => {
    calls++;
    return Promise.resolve({ ...FAKE_KEYS, expiration: new Date(Date.now() + 3_600_000) });
  };
  const store = storeOn(service, { credentials });
  await Promise.all([store.read("a"), store.read("b")].map((read) => settleInSteps(time, read)));
  assertEquals(calls, 1);
  for (const [minutes, expected] of [[50, 1], [8, 2], [40, 2]] as const) {
    time.tick(minutes * 60_000);
    await settleInSteps(time, store.read("task"));
    assertEquals(calls, expected, `after ${minutes} minutes`);
  }
});

Deno.test("a function whose credentials have no expiration is called again after about ten minutes", async () => {
  using time = new FakeTime();
  let calls = 0;
  const store = storeOn(new FakeS3(), {
    credentials: () => {
      calls++;
      return FAKE_KEYS;
    },
  });
  await settleInSteps(time, store.read("task"));
  time.tick(9 * 60_000);
  await settleInSteps(time, store.read("task"));
  assertEquals(calls, 1);
  time.tick(5 * 60_000);
  await settleInSteps(time, store.read("task"));
  assertEquals(calls, 2);
});

Deno.test("a function that fails is not needed while the last credentials are valid", async () => {
  using time = new FakeTime();
  let calls = 0;
  const store = storeOn(new FakeS3(), {
    credentials: () => {
      if (++calls > 1) throw new Error("the provider is down");
      return { ...FAKE_KEYS, expiration: new Date(Date.now() + 600_000) };
    },
  });
  await settleInSteps(time, store.read("task"));
  time.tick(500_000);
  const later = await settleInSteps(time, store.read("task"));
  assertEquals([later.value, later.error, calls], [null, undefined, 2]);
  time.tick(100_000);
  const { error } = await settleInSteps(time, store.read("task"));
  assertEquals(error?.message, "the provider is down");
});

Deno.test("credentials that the service no longer accepts are replaced, once a call", async () => {
  for (const code of ["ExpiredToken", "InvalidAccessKeyId"]) {
    const service = new FakeS3();
    const issued = code === "ExpiredToken" ? new Set(["token-2"]) : undefined;
    if (issued) service.sessionTokens = issued;
    let calls = 0;
    const credentials = (): AwsCredentials => {
      calls++;
      if (issued) return { ...FAKE_KEYS, sessionToken: `token-${calls}` };
      return calls === 1 ? { ...FAKE_KEYS, accessKeyId: "AKIAOLD" } : FAKE_KEYS;
    };
    const store = storeOn(service, { credentials });
    assert(await store.write("task", new Uint8Array(1), null));
    assertEquals([calls, service.requests.length], [2, 2]);
    service.sessionTokens = new Set(["another"]);
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(message, "as the service does not accept the credentials: current value is HTTP 400 (");
    assertEquals(calls, 3);
  }
});

Deno.test("a function that returns no credentials is an error that shows no secret", async () => {
  for (
    const wrong of [undefined, null, "AKIA", {}, { ...FAKE_KEYS, secretAccessKey: "a b" }, {
      ...FAKE_KEYS,
      expiration: 1,
    }]
  ) {
    const store = storeOn(new FakeS3(), { credentials: () => wrong as AwsCredentials });
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(message, "Cannot sign in to S3 as ");
    assert(!message.includes("a b"), message);
  }
});

Deno.test("a function that does not answer is named by the error at the time limit", async () => {
  using time = new FakeTime();
  const store = storeOn(new FakeS3(), { credentials: () => new Promise<never>(() => {}) });
  const { error } = await settleInSteps(time, store.read("task"));
  assertStringIncludes(
    error!.message,
    "as it took too long: current value is 6000 ms, at the end waiting for the function",
  );
  const short = storeOn(new FakeS3(), { credentials: () => new Promise<never>(() => {}), requestTimeout: 100 });
  const { error: early } = await settleInSteps(time, short.read("task"));
  assertStringIncludes(early!.message, "as the source of the credentials gave no usable answer within 100 ms");
});

Deno.test("keys in the environment come first", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  Object.assign(env, {
    AWS_ACCESS_KEY_ID: FAKE_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: FAKE_KEYS.secretAccessKey,
    AWS_SESSION_TOKEN: TOKEN,
    AWS_WEB_IDENTITY_TOKEN_FILE: "/does/not/exist",
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2",
  });
  assertEquals([await aws.store().read("task"), aws.lines], [null, []]);
  delete env["AWS_SECRET_ACCESS_KEY"];
  const { message } = await errorOf(aws.store().read("task"));
  assertStringIncludes(message, "must be set together: current value is AWS_SECRET_ACCESS_KEY is not set");
});

/** What a security token service answers. */
function assumed(fields: Readonly<Record<string, string>> = {}): string {
  const { Token, ...rest } = ISSUED;
  const elements = Object.entries({ ...rest, SessionToken: Token, ...fields }).map(([name, text]) =>
    `<${name}>${text}</${name}>`
  );
  return '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>' +
    `<Credentials>${
      elements.join("")
    }</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
}

Deno.test("a web identity is exchanged for the credentials of its role", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  Object.assign(env, {
    AWS_WEB_IDENTITY_TOKEN_FILE: await host.write("token", "a.web.token\n"),
    AWS_ROLE_ARN: "arn:aws:iam::1:role/r",
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2",
  });
  aws.answer = () => new Response(assumed());
  assertEquals(await aws.store().read("task"), null);
  assertEquals(aws.lines, ["POST https://sts.us-east-1.amazonaws.com/"]);
  assertEquals(Object.fromEntries(new URLSearchParams(aws.sent[0]?.body)), {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::1:role/r",
    RoleSessionName: "neat-periodic-task",
    WebIdentityToken: "a.web.token",
  });
  Object.assign(env, { AWS_ENDPOINT_URL_STS: "https://minio.example/sts", AWS_ROLE_SESSION_NAME: "me" });
  assertEquals(await aws.store().read("task"), null);
  assertEquals(aws.lines[1], "POST https://minio.example/sts");
  assertStringIncludes(aws.sent[1]?.body ?? "", "RoleSessionName=me");
  delete env["AWS_ENDPOINT_URL_STS"];
  assertEquals(await aws.store({ region: "cn-north-1" }).read("task").catch(() => "other region"), "other region");
  assertEquals(aws.lines[2], "POST https://sts.cn-north-1.amazonaws.com.cn/");
});

Deno.test("a web identity that can't be used is an error that shows no secret", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  const path = env["AWS_WEB_IDENTITY_TOKEN_FILE"] = await host.write("token", "a.web.token");
  assertStringIncludes((await errorOf(aws.store().read("task"))).message, "AWS_ROLE_ARN must be set beside");
  env["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = `${path}-missing`;
  const missing = await errorOf(aws.store().read("task"));
  assertStringIncludes(missing.message, `current value is ${path}-missing: there is no such file`);
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = path;
  aws.answer = () =>
    new Response(`<ErrorResponse><Message>a.web.token is odd</Message></ErrorResponse>`, { status: 403 });
  const rejected = await errorOf(aws.store().read("task"));
  assertStringIncludes(
    rejected.message,
    "sts.us-east-1.amazonaws.com/ rejected the request: current value is HTTP 403",
  );
  assertHides(rejected, "a.web.token");
  for (const body of ["", "text", assumed({ Expiration: "soon" }), assumed({ SecretAccessKey: "" })]) {
    aws.answer = () => new Response(body);
    const error = await errorOf(aws.store().read("task"));
    assertStringIncludes(error.message, "Cannot sign in to AWS ");
    assertHides(error, "a.web.token");
  }
  env["AWS_ENDPOINT_URL_STS"] = "minio:9000";
  assertStringIncludes((await errorOf(aws.store().read("task"))).message, "AWS_ENDPOINT_URL_STS must be an http: or");
});

Deno.test("the agent of a container is asked, on ECS and on EKS", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  aws.answer = () => Response.json(ISSUED);
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/1";
  assertEquals(await aws.store().read("task"), null);
  delete env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic abc";
  assertEquals(await aws.store().read("task"), null);
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = await host.write("token", "a-pod-token\n");
  assertEquals(await aws.store().read("task"), null);
  assertEquals(aws.sent.map(({ line, headers }) => [line, headers.get("authorization")]), [
    ["GET http://169.254.170.2/v2/credentials/1", null],
    ["GET http://169.254.170.23/v1/credentials", "Basic abc"],
    ["GET http://169.254.170.23/v1/credentials", "a-pod-token"],
  ]);
});

Deno.test("an agent of a container that can't be used is an error that shows no secret", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  for (const uri of ["http://elsewhere.example/", "http://169.254.170.2.example/", "ftp://localhost/", "text"]) {
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = uri;
    const state = "AWS_CONTAINER_CREDENTIALS_FULL_URI must be an https: URL, or one of this machine";
    assertStringIncludes((await errorOf(aws.store().read("task"))).message, state);
  }
  assertEquals(aws.sent, []);
  env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost:8080/?token=in-the-query";
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a-pod-token";
  aws.answer = () => new Response("a-pod-token is odd", { status: 400 });
  const rejected = await errorOf(aws.store().read("task"));
  assertStringIncludes(rejected.message, "localhost:8080/ rejected the request: current value is HTTP 400");
  assertHides(rejected, "a-pod-token", "in-the-query");
  for (
    const json of [null, {}, { ...ISSUED, Expiration: 7 }, { ...ISSUED, SecretAccessKey: 7 }, {
      ...ISSUED,
      Token: "a b",
    }]
  ) {
    aws.answer = () => Response.json(json);
    const error = await errorOf(aws.store().read("task"));
    assertStringIncludes(error.message, "Cannot sign in to AWS ");
    assertHides(error, "a-pod-token");
  }
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\u{1f600}";
  assertStringIncludes((await errorOf(aws.store().read("task"))).message, "must be printable ASCII");
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/does/not/exist";
  assertStringIncludes((await errorOf(aws.store().read("task"))).message, "/does/not/exist: there is no such file");
});

/** The metadata service of an instance. */
function metadata({ line, headers }: Sent): Response | undefined {
  const { pathname } = new URL(line.split(" ")[1] ?? "");
  if (line.startsWith("PUT ") && pathname === "/latest/api/token") {
    return new Response(headers.has("x-aws-ec2-metadata-token-ttl-seconds") ? "a-session" : null);
  }
  if (headers.get("x-aws-ec2-metadata-token") !== "a-session") return new Response("", { status: 401 });
  const roles = "/latest/meta-data/iam/security-credentials/";
  if (pathname === roles) return new Response("my-role\n");
  return pathname === `${roles}my-role`
    ? Response.json({ Code: "Success", ...ISSUED })
    : new Response("", { status: 404 });
}

Deno.test("the metadata of the instance come last, in version 2", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  aws.answer = metadata;
  assertEquals(await aws.store().read("task"), null);
  assertEquals(aws.lines, [
    "PUT http://169.254.169.254/latest/api/token",
    "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role",
  ]);
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  assertEquals(await aws.store().read("task"), null);
  assertEquals(aws.lines[3], "PUT http://[fd00:ec2::254]/latest/api/token");
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
  assertEquals(await aws.store().read("task"), null);
  assertEquals(aws.lines[6], "PUT http://127.0.0.1:1338/latest/api/token");
});

Deno.test("without any credentials, the error says where they were searched", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  const places = "no credentials were found: current value is AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and " +
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or FULL_URI are not set; ";
  const absent = await errorOf(aws.store().read("task"));
  assertStringIncludes(
    absent.message,
    `${places}169.254.169.254/latest/api/token: no answer (connection refused). Give`,
  );
  assertEquals(aws.sent.length, 1);
  env["AWS_EC2_METADATA_DISABLED"] = "True";
  assertStringIncludes((await errorOf(aws.store().read("task"))).message, `${places}AWS_EC2_METADATA_DISABLED is set.`);
  assertEquals(aws.sent.length, 1);
});

Deno.test("metadata of an instance without a role, or of another form, are an error that shows no secret", async () => {
  const { aws, host, env } = await setUp();
  await using _ = host;
  const answers: readonly (readonly [string, Answer, string])[] = [
    ["PUT", () => new Response("a b"), "/latest/api/token must hold a token"],
    [
      "GET",
      () => new Response("", { status: 404 }),
      "security-credentials/ rejected the request: current value is HTTP 404",
    ],
    ["GET", () => new Response("<html>"), "as the instance must have a role: current value is none at 169.254.169.254"],
    ["GET", () => new Response(""), "as the instance must have a role"],
  ];
  for (const [method, answer, part] of answers) {
    aws.answer = (sent) => sent.line.startsWith(method) ? answer(sent) : metadata(sent);
    const error = await errorOf(aws.store().read("task"));
    assertStringIncludes(error.message, part);
    assertHides(error, "a-session");
  }
  aws.answer = (sent) =>
    sent.line.endsWith("my-role") ? Response.json({ Code: "AssumeRoleUnauthorizedAccess" }) : metadata(sent);
  const error = await errorOf(aws.store().read("task"));
  assertStringIncludes(error.message, "security-credentials/my-role must hold credentials and their end");
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "metadata";
  assertStringIncludes((await errorOf(aws.store().read("task"))).message, "must be an http: or https: URL");
});

Deno.test("issued credentials are kept, whatever the clock of this machine says, and shared by concurrent calls", async () => {
  const { aws, host } = await setUp();
  await using _ = host;
  // by the server's clock, an hour is left
  const serverMs = Date.now() - 7_200_000;
  aws.answer = (sent) => {
    const response = metadata(sent);
    if (!sent.line.endsWith("my-role")) return response;
    const headers = { date: new Date(serverMs).toUTCString() };
    return Response.json({ ...ISSUED, Expiration: new Date(serverMs + 3_600_000).toISOString() }, { headers });
  };
  const store = aws.store();
  await Promise.all([store.read("a"), store.read("b"), store.write("c", new Uint8Array(1), null)]);
  await store.read("task");
  assertEquals(aws.sent.length, 3);
});
