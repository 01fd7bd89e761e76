import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type ClientSecretCredentialOptions,
  type TokenCredential,
} from "@azure/identity";
import type { Clock } from "./clock.ts";
import type { GraphConnection } from "./connection.ts";
import { failedBecause, GraphError, reasonOf, retryAfterOf } from "./errors.ts";
import { backoff, mayRetry, noAttempts, type RetryPolicy } from "./retry.ts";

export interface AccessToken {
  value: string;
  /** Wall-clock time in milliseconds. */
  expiresAt: number;
  /** Application permissions that the token grants (claim `roles`). */
  roles: string[];
}

/** Where the client gets its tokens. */
export interface TokenSource {
  /** The current token, a new one when it is about to expire. */
  get(): Promise<AccessToken>;
  /** A token other than `refused`. Many callers at once cause one request. */
  renew(refused: AccessToken): Promise<AccessToken>;
}

export interface TokenOptions {
  signal: AbortSignal;
  clock: Clock;
  random: () => number;
  retry: RetryPolicy;
  timeoutMs: number;
}

/** A token this close to its end is replaced before it is used. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Hosts of which @azure/identity may discover its instance data. Others are private, and asked directly. */
const microsoftLoginHosts = new Set([
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.chinacloudapi.cn",
]);

/** What Entra's error numbers mean to people. Source: Microsoft, "AADSTS error codes". */
const aadstsMeanings: Record<string, string> = {
  AADSTS7000215: "the client secret is wrong (a frequent slip: the secret's ID in place of its value)",
  AADSTS7000222: "the client secret has expired",
  AADSTS700016: "the tenant does not know this client id",
  AADSTS90002: "there is no such Entra tenant",
  AADSTS900023: "the Entra tenant id is not valid",
  AADSTS700027: "the certificate is not the one registered for this app",
  AADSTS7000112: "the app registration is disabled",
  AADSTS53003: "a conditional access policy blocks this app",
};

/**
 * Signs in with client credentials through @azure/identity and keeps the token until shortly before its end.
 * `get` and `renew` throw GraphError: AUTH_CONFIG when Entra refuses the credential, GRAPH_THROTTLE or
 * GRAPH_UNAVAILABLE when Entra could not answer in bounded attempts; or the signal's reason when aborted.
 */
export function createTokenSource(connection: GraphConnection, options: TokenOptions): TokenSource {
  let current: AccessToken | null = null;
  let pending: Promise<AccessToken> | null = null;

  function obtain(): Promise<AccessToken> {
    pending ??= signInWithRetries(connection, options)
      .then((token) => {
        current = token;
        return token;
      })
      .finally(() => {
        pending = null;
      });
    return pending;
  }

  return {
    async get() {
      return current && current.expiresAt - Date.now() > RENEW_BEFORE_MS ? current : obtain();
    },
    async renew(refused) {
      return current && current.value !== refused.value ? current : obtain();
    },
  };
}

async function signInWithRetries(connection: GraphConnection, options: TokenOptions): Promise<AccessToken> {
  const attempts = noAttempts();
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await signIn(connection, options);
    } catch (error) {
      if (!(error instanceof GraphError) || !mayRetry(attempts, error, options.retry)) throw error;
      const { throttleBaseMs, throttleCapMs, outageBaseMs, outageCapMs } = options.retry;
      const pause =
        error.code === "GRAPH_THROTTLE"
          ? backoff(attempts.throttled - 1, throttleBaseMs, throttleCapMs, options.random)
          : backoff(attempts.outages - 1, outageBaseMs, outageCapMs, options.random);
      await options.clock.sleep(error.retryAfterMs || pause, options.signal);
    }
  }
}

/** What really happened on the wire: @azure/identity hides it behind several kinds of error. */
interface Exchange {
  status: number | null;
  retryAfterMs: number | null;
  requestId: string | null;
  body: string;
  /** A word on why there was no answer, such as ECONNREFUSED. */
  broken: string;
}

async function signIn(connection: GraphConnection, options: TokenOptions): Promise<AccessToken> {
  const exchanges: Exchange[] = [];
  const controller = new AbortController();
  const onAbort = () => controller.abort();
  options.signal.addEventListener("abort", onAbort, { once: true });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, options.timeoutMs);
  try {
    const credential = credentialOf(connection, exchanges);
    const token = await abortable(
      credential.getToken(`${connection.graphUrl}/.default`, { abortSignal: controller.signal }),
      controller.signal,
    );
    if (!token?.token) throw new Error("no token in the answer");
    return { value: token.token, expiresAt: token.expiresOnTimestamp, roles: rolesOf(token.token) };
  } catch {
    // The library's error is dropped: it can quote the request.
    if (options.signal.aborted) throw options.signal.reason;
    if (timedOut) {
      const seconds = Math.round(options.timeoutMs / 1000);
      throw new GraphError("GRAPH_UNAVAILABLE", `Entra did not answer the sign-in within ${seconds} s.`, {
        retryable: true,
        timedOut: true,
      });
    }
    throw errorOfSignIn(exchanges.at(-1));
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", onAbort);
  }
}

function credentialOf(connection: GraphConnection, exchanges: Exchange[]): TokenCredential {
  const options: ClientSecretCredentialOptions = {
    authorityHost: connection.loginUrl,
    disableInstanceDiscovery: !microsoftLoginHosts.has(new URL(connection.loginUrl).hostname),
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: "perCall",
        policy: {
          name: "tenantPilotExchangeRecorder",
          async sendRequest(request, next) {
            const exchange: Exchange = {
              status: null,
              retryAfterMs: null,
              requestId: null,
              body: "",
              broken: "",
            };
            exchanges.push(exchange);
            const response = await next(request).catch((error: unknown) => {
              exchange.broken = reasonOf(error);
              throw error;
            });
            exchange.status = response.status;
            exchange.retryAfterMs = retryAfterOf(response.headers.get("retry-after"), Date.now());
            exchange.requestId = response.headers.get("x-ms-request-id") ?? null;
            exchange.body = response.bodyAsText ?? "";
            return response;
          },
        },
      },
    ],
  };
  const { entraTenantId, clientId, credential } = connection;
  return credential.kind === "secret"
    ? new ClientSecretCredential(entraTenantId, clientId, credential.secret, options)
    : new ClientCertificateCredential(entraTenantId, clientId, { certificate: credential.pem }, options);
}

/** The promise, given up when the signal is aborted; @azure/identity honors signals only in part. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function errorOfSignIn(last: Exchange | undefined): GraphError {
  if (!last) {
    // Nothing was sent: the library refused what the connection holds, such as a certificate it cannot read.
    return new GraphError(
      "AUTH_CONFIG",
      "The connection's tenant id, client id or credential cannot be used. Enter them again and test.",
    );
  }
  const { status, requestId, retryAfterMs, body } = last;
  const details = { status, requestId, retryAfterMs };
  const aadsts = /AADSTS\d+/.exec(body)?.[0];
  if (status === null) {
    return new GraphError(
      "GRAPH_UNAVAILABLE",
      `The connection to Entra's sign-in service ${failedBecause(last.broken)}`,
      { ...details, retryable: true },
    );
  }
  if (status === 429) {
    return new GraphError("GRAPH_THROTTLE", "Entra is throttling sign-ins of this app.", {
      ...details,
      retryable: true,
    });
  }
  if (status >= 500 || status === 408 || (status < 400 && !aadsts)) {
    return new GraphError("GRAPH_UNAVAILABLE", `Entra answered the sign-in with ${status} and no token.`, {
      ...details,
      retryable: true,
    });
  }
  const meaning = aadsts && aadstsMeanings[aadsts];
  const code = aadsts ? ` (${aadsts})` : ` (status ${status})`;
  return new GraphError(
    "AUTH_CONFIG",
    `Signing in to the tenant failed${meaning ? `: ${meaning}` : ""}${code}. Open the connection, enter a valid credential and test it.`,
    { ...details, ...(aadsts ? { aadsts } : {}) },
  );
}

/** The `roles` claim, unverified: it tells what to expect, and decides nothing. */
function rolesOf(token: string): string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const roles = claims && typeof claims === "object" && "roles" in claims ? claims.roles : [];
    return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
  } catch {
    return [];
  }
}
