/**
 * The servers that give tokens, as one small fake: OAuth, the security token service, impersonation, the metadata server and
 * another provider. By `fetch` it answers in the process, by `listen` on a port of its own.
 */

/** A request as the fake has seen it. */
export interface Seen {
  readonly route: Route;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** The body as a form. */
  readonly form: Record<string, string>;
}

export type Route = "token" | "sts" | "impersonate" | "metadata" | "provider";
type Answer = (seen: Seen) => Response | Promise<Response>;

const ROUTES: [RegExp, Route][] = [
  [/^\/v1\/token$/, "sts"],
  [/:generateAccessToken$/, "impersonate"],
  [/^\/computeMetadata\/v1\//, "metadata"],
  [/^\/provider$/, "provider"],
  [/token$/, "token"],
];

/** A good answer of an OAuth server. */
export function granted(token: string, expiresIn: unknown = 3_600): Response {
  return Response.json({ access_token: token, expires_in: expiresIn, token_type: "Bearer" });
}

/** A refusal by an OAuth server. */
export function refused(status: number, error?: unknown, description?: string): Response {
  return Response.json({ error, error_description: description }, { status });
}

/** An answer that never comes, until the request is given up. */
export function silence(): Promise<Response> {
  return new Promise(() => {});
}

export class FakeGoogleAuth implements AsyncDisposable {
  readonly requests: Seen[] = [];
  /** How many requests in this process have been given up. */
  abandoned = 0;
  readonly #scripts = new Map<Route, Answer[]>();
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #tokens = 0;

  /** What the next requests of a route are answered with, one each; those after them get tokens. */
  script(route: Route, ...answers: Answer[]): void {
    this.#scripts.set(route, answers);
  }

  /** What all requests of a route are answered with from now on. */
  always(route: Route, answer: Answer): void {
    const answers = { shift: () => answer } as unknown as Answer[];
    this.#scripts.set(route, answers);
  }

  /** The requests of a route. */
  of(route: Route): Seen[] {
    return this.requests.filter((seen) => seen.route === route);
  }

  /** Answers in this process; gives up when the signal aborts. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const aborted = new Promise<never>((_, reject) => {
      const { signal } = init ?? {};
      signal?.addEventListener("abort", () => {
        this.abandoned++;
        reject(signal.reason);
      });
    });
    return await Promise.race([this.#answer(request), aborted]);
  };

  /** Answers on a port, and says at which address. */
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
    const seen = { route, method, url, headers, body, form };
    this.requests.push(seen);
    return await (this.#scripts.get(route)?.shift() ?? ((seen) => this.#grant(seen)))(seen);
  }

  #grant({ route }: Seen): Response {
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

/** A key pair of a service account: what a key file has of it, and what proves its signatures. */
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

/** A machine with files and an environment of its own, as far as signing in looks at it. */
export class FakeHost implements AsyncDisposable {
  readonly folder: string;
  /** Its environment variables; the home folder is empty at first. */
  readonly env: Record<string, string>;
  readonly #real: PropertyDescriptor;

  private constructor(folder: string, platform: string) {
    this.folder = folder;
    this.env = { HOME: folder };
    this.#real = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    const process = { env: this.env, platform };
    Object.defineProperty(globalThis, "process", { configurable: true, value: process });
  }

  static async start(platform: string = "linux"): Promise<FakeHost> {
    return new FakeHost(await Deno.makeTempDir({ prefix: "periodic_task_" }), platform);
  }

  /** Writes a file and says where. */
  async write(name: string, content: unknown): Promise<string> {
    const path = `${this.folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  /** Writes the file with the credentials, which the environment names. */
  async credentials(content: unknown): Promise<string> {
    return this.env.GOOGLE_APPLICATION_CREDENTIALS = await this.write("credentials.json", content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Object.defineProperty(globalThis, "process", this.#real);
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

/** Credentials from elsewhere. */
export const EXTERNAL = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  token_url: "https://sts.googleapis.com/v1/token",
};

export const IMPERSONATION =
  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com:generateAccessToken";
