/**
 * A fake of all token servers: OAuth, the security token service, impersonation, the metadata server and another provider.
 * `fetch` answers in this process, `listen()` on a port.
 *
 * @module
 */

/** A request that the fake has received. */
export interface ReceivedRequest {
  readonly route: Route;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** The body as a form. */
  readonly form: Record<string, string>;
}

export type Route = "token" | "sts" | "impersonate" | "metadata" | "provider";
type Answer = (received: ReceivedRequest) => Response | Promise<Response>;

const ROUTES: [RegExp, Route][] = [
  [/^\/v1\/token$/, "sts"],
  [/:generateAccessToken$/, "impersonate"],
  [/^\/computeMetadata\/v1\//, "metadata"],
  [/^\/provider$/, "provider"],
  [/token$/, "token"],
];

/** The response of an OAuth server with a token. */
export function granted(token: string, expiresIn: unknown = 3_600): Response {
  return Response.json({ access_token: token, expires_in: expiresIn, token_type: "Bearer" });
}

/** The response of an OAuth server with an error. */
export function rejected(status: number, error?: unknown, description?: string): Response {
  return Response.json({ error, error_description: description }, { status });
}

/** A response that never arrives. */
export function noAnswer(): Promise<Response> {
  return new Promise(() => {});
}

/** The fake. */
export class FakeGoogleAuth implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  /** The number of aborted requests in this process. */
  aborted = 0;
  readonly #scripts = new Map<Route, Answer[]>();
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #tokens = 0;

  /** Sets the responses of the next requests of a route, one each. Later requests get tokens. */
  script(route: Route, ...answers: Answer[]): void {
    this.#scripts.set(route, answers);
  }

  /** Sets the response of all further requests of a route. */
  always(route: Route, answer: Answer): void {
    const answers = { shift: () => answer } as unknown as Answer[];
    this.#scripts.set(route, answers);
  }

  /** The requests of a route. */
  of(route: Route): ReceivedRequest[] {
    return this.requests.filter((received) => received.route === route);
  }

  /** Answers in this process. Rejects when the signal aborts. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const aborted = new Promise<never>((_, reject) => {
      const { signal } = init ?? {};
      signal?.addEventListener("abort", () => {
        this.aborted++;
        reject(signal.reason);
      });
    });
    return await Promise.race([this.#answer(request), aborted]);
  };

  /** Answers on a port. Returns its address. */
  listen(): string {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const body = await request.text();
    const route = ROUTES.find(([pattern]) => pattern.test(url.pathname))?.[1];
    if (!route) return new Response(null, { status: 404 });
    const { method, headers } = request;
    const form = Object.fromEntries(new URLSearchParams(body));
    const received = { route, method, url, headers, body, form };
    this.requests.push(received);
    return await (this.#scripts.get(route)?.shift() ?? ((received) => this.#grant(received)))(received);
  }

  #grant({ route }: ReceivedRequest): Response {
    const token = `${route}-${++this.#tokens}`;
    if (route === "provider") return new Response(token);
    if (route === "impersonate") {
      const expireTime = new Date(Date.now() + 3_600_000).toISOString();
      return Response.json({ accessToken: token, expireTime });
    }
    const response = granted(token);
    if (route === "metadata") response.headers.set("metadata-flavor", "Google");
    return response;
  }
}

/** Creates the key pair of a service account: the private key as in a key file, and the public key. */
export async function newKeyPair(): Promise<{ pem: string; publicKey: CryptoKey }> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g)!;
  return { pem: ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n"), publicKey };
}

/** A fake host: a folder for files, and its own environment variables and platform. */
export class FakeHost implements AsyncDisposable {
  readonly folder: string;
  /** The environment variables. The home folder is empty at first. */
  readonly env: Record<string, string>;
  readonly #realProcess: PropertyDescriptor;

  private constructor(folder: string, platform: string) {
    this.folder = folder;
    this.env = { HOME: folder };
    this.#realProcess = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    const process = { env: this.env, platform };
    Object.defineProperty(globalThis, "process", { configurable: true, value: process });
  }

  static async start(platform: string = "linux"): Promise<FakeHost> {
    return new FakeHost(await Deno.makeTempDir({ prefix: "periodic_task_" }), platform);
  }

  /** Writes a file. Returns its path. */
  async write(name: string, content: unknown): Promise<string> {
    const path = `${this.folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  /** Writes the file with the credentials, and names it in the environment. Returns its path. */
  async credentials(content: unknown): Promise<string> {
    return this.env.GOOGLE_APPLICATION_CREDENTIALS = await this.write("credentials.json", content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Object.defineProperty(globalThis, "process", this.#realProcess);
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Credentials of a person. */
export const PERSON = {
  type: "authorized_user",
  client_id: "client.apps.example",
  client_secret: "GOCSPX-secret/of+the client",
  refresh_token: "1//refresh-token",
};

/** Credentials of another provider. */
export const EXTERNAL = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
};

export const IMPERSONATION =
  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com:generateAccessToken";
