/**
 * The options of an S3 service: its address, the region, the credentials and the time limit.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { OptionTypes } from "../../src/option_checks.ts";
import { type Duration, durationMs } from "../../src/time/duration.ts";
import {
  type AwsCredentials,
  type AwsCredentialSource,
  type SigningKeys,
  signingKeys,
} from "../aws_auth/credentials.ts";
import { defaultKeys } from "../aws_auth/default_credentials.ts";
import { signInError } from "../aws_auth/errors.ts";
import { type DerivedKeys, signRequest } from "../aws_auth/signing.ts";
import type { HttpService } from "../http/call.ts";
import { checkEndpoint, withoutSlash } from "../http/endpoint.ts";
import { environmentVariable } from "../http/environment.ts";
import type { Fetch } from "../http/fetch.ts";
import { percentEncode } from "../http/url.ts";
import { CredentialCache } from "../sign_in/credential_cache.ts";
import type { SignInContext } from "../sign_in/context.ts";
import type { S3Bucket } from "./bucket.ts";
import { errorMessage, isCredentialRejection } from "./error_response.ts";

/** The types of these options. */
export const SERVICE_OPTION_TYPES: OptionTypes = {
  bucket: "required string",
  region: "string",
  endpoint: "string",
  pathStyle: "boolean",
  credentials: "any",
  fetch: "function",
  requestTimeout: "any",
};

/** How a store reaches its bucket. */
export interface S3ServiceOptions {
  /** The name of the bucket, which must exist. */
  readonly bucket: string;
  /**
   * The region of the bucket. If absent, that of `AWS_REGION` or `AWS_DEFAULT_REGION`; with an endpoint of your own, `us-east-1`
   * if there is none.
   */
  readonly region?: string;
  /**
   * The address of the service. If absent, that of `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, or else that of Amazon S3 in the
   * region.
   */
  readonly endpoint?: string;
  /**
   * Whether the bucket stands in the path of the address (`https://HOST/BUCKET/`) and not in its host (`https://BUCKET.HOST/`).
   * If absent, it does with an endpoint of your own, and if its name does not fit into a host, such as one with dots.
   */
  readonly pathStyle?: boolean;
  /** The credentials, or a function that returns them. If absent, those of the environment. */
  readonly credentials?: AwsCredentials | AwsCredentialSource;
  /** Sends the requests. `globalThis.fetch`, looked up at each request, if absent. */
  readonly fetch?: Fetch;
  /**
   * How long a read, a write or a page of a listing may take, with its sign-in and all of its attempts; 8 s if absent. An attempt
   * without an answer is repeated after half of it.
   */
  readonly requestTimeout?: Duration;
}

/** A service and its bucket. */
export interface S3Service {
  readonly http: HttpService;
  readonly bucket: S3Bucket;
}

/** Shorter than the scheduler's limit of 10 s, so that the error shows the last response of the service. */
const DEFAULT_LIMIT_MS = 8_000;

/** Most other services accept it, whatever region they are in. */
const DEFAULT_REGION = "us-east-1";

/** A bucket's name that is a part of a host. One with dots would not match the certificate. */
const HOST_LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

/**
 * Combines the options of a store with the environment.
 *
 * @param options The options, of the right types.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {TypeError} If credentials lack a part.
 * @throws {RangeError} If a value can't be used.
 */
export function s3Service(options: S3ServiceOptions, action: string): S3Service {
  const bucket = bucketOf(options, action);
  const { fetch, requestTimeout } = options;
  const keys = keySource(options, bucket.region, action);
  const scope = { service: "s3", region: bucket.region };
  const derived: DerivedKeys = new Map();
  const http: HttpService = {
    name: "S3",
    token: undefined,
    signer: async ({ fresh, signal }) => {
      const current = await keys(fresh, signal);
      return (request) => signRequest(request, current, scope, derived);
    },
    isSignInRejected: isCredentialRejection,
    messageIn: errorMessage,
    fetch,
    limitMs: requestTimeout === undefined ? DEFAULT_LIMIT_MS : durationMs(requestTimeout, "requestTimeout", action),
  };
  return { http, bucket };
}

function bucketOf({ bucket, ...options }: S3ServiceOptions, action: string): S3Bucket {
  if (!/^[a-z\d][\w.:-]*$/i.test(bucket)) {
    throw new RangeError(cannot(action, '"bucket" must be letters, digits, dots, hyphens and underscores', bucket));
  }
  const own = ownEndpoint(options.endpoint);
  const region = regionOf(options.region, own !== undefined, action);
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const { text, from } = own ?? { text: `https://s3.${region}.${suffix}`, from: "region" };
  const endpoint = checkEndpoint(text, from, action);
  const fitsIntoHost = HOST_LABEL.test(bucket);
  const { pathStyle = own !== undefined || !fitsIntoHost } = options;
  if (pathStyle) return { bucket, region, url: `${withoutSlash(endpoint)}/${percentEncode(bucket)}` };
  const isHostName = /^[a-z\d][a-z\d.-]*$/.test(bucket) && /[a-z]/i.test(endpoint.hostname.at(-1) ?? "");
  if (!isHostName) {
    throw new RangeError(cannot(action, '"pathStyle" must be true for a bucket that no host can be called', bucket));
  }
  endpoint.hostname = `${bucket}.${endpoint.hostname}`;
  return { bucket, region, url: withoutSlash(endpoint) };
}

/** The address that the options or the environment name. */
function ownEndpoint(option: string | undefined): { readonly text: string; readonly from: string } | undefined {
  if (option !== undefined) return { text: option, from: "endpoint" };
  for (const from of ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) {
    const text = environmentVariable(from);
    if (text !== undefined) return { text, from };
  }
  return undefined;
}

function regionOf(option: string | undefined, hasEndpoint: boolean, action: string): string {
  const configured = option ?? environmentVariable("AWS_REGION") ?? environmentVariable("AWS_DEFAULT_REGION");
  const region = configured ?? (hasEndpoint ? DEFAULT_REGION : undefined);
  if (region === undefined) {
    const state = '"region" is required, as neither AWS_REGION nor "endpoint" is set';
    throw new RangeError(cannot(action, state, region));
  }
  if (!/^[a-z\d][\w-]{0,62}$/i.test(region)) {
    throw new RangeError(cannot(action, '"region" must be letters, digits and hyphens', region));
  }
  return region;
}

/** Returns keys to sign with, new ones if they must be fresh. */
type KeySource = (fresh: boolean, signal: AbortSignal) => Promise<SigningKeys>;

function keySource({ credentials, fetch }: S3ServiceOptions, region: string, action: string): KeySource {
  if (credentials === undefined) return cached(fetch, (context) => defaultKeys(context, region));
  if (typeof credentials === "function") {
    return cached(fetch, async (context) => {
      context.waitingFor = "the function `credentials`";
      return signingKeys(await credentials(), "sign in to S3");
    });
  }
  const keys = signingKeys(credentials, action);
  return () => Promise.resolve(keys);
}

function cached(fetch: Fetch | undefined, signIn: (context: SignInContext) => Promise<SigningKeys>): KeySource {
  const cache = new CredentialCache({ fetch, signIn, errorOf: signInError });
  return (fresh, signal) => cache.get(fresh, signal);
}
