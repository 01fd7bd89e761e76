import { randomUUID } from "node:crypto";
import { observeGraphRequest } from "#lib/metrics";
import { traced } from "#lib/tracing";
import { approvalWantedBy } from "./approval.ts";
import type { GraphTuning } from "./client.ts";
import { systemClock } from "./clock.ts";
import type { GraphConnection } from "./connection.ts";
import { errorOfAnswer, GraphError } from "./errors.ts";
import { type Budget, familyOf, type ThrottleFamily } from "./families.ts";
import { type Answer, exchange } from "./http.ts";
import { LimiterRegistry } from "./limiter.ts";
import { templateOf } from "./links.ts";
import { backoff, defaultRetryPolicy, mayRetry, noAttempts } from "./retry.ts";
import { createTokenSource } from "./token.ts";

/** One write, byte for byte as it is sent; sent again it must be the same. */
export interface GraphWrite {
  method: "POST" | "PATCH" | "PUT";
  version: "v1.0" | "beta";
  /** Without version and leading slash. */
  path: string;
  body: string;
  /** Why, for whoever has to approve it in Intune; at most 1,024 bytes. */
  justification: string;
  /** Of an earlier answer: an administrator was asked to approve exactly this write. */
  approvalCode?: string;
  /** Sent twice it would be done twice: what it makes has to be looked up when its answer is lost. */
  makesSomething: boolean;
}

/** What Graph answered to a write that it did. */
export interface GraphWritten {
  body: unknown;
  /** Graph's `request-id`. */
  requestId: string | null;
}

/** Writes to one tenant's Graph, one request after the other. */
export interface GraphWriter {
  /**
   * Sends a write, and waits out throttling and short outages.
   * @throws ApprovalWanted when an administrator has to approve it in Intune; ApprovalNotAsked where nobody can;
   *   WriteUncertain when something was to be made and nobody knows whether it was; GraphError when Graph refuses it, or is
   *   not available for longer; the signal's reason
   */
  send(write: GraphWrite): Promise<GraphWritten>;
}

/** Intune wants another administrator's approval of a write: the same bytes are sent again with this code. */
export class ApprovalWanted extends Error {
  readonly code: string;
  readonly requestId: string | null;

  constructor(code: string, requestId: string | null) {
    super("Another administrator has to approve this in Intune.");
    this.name = "ApprovalWanted";
    this.code = code;
    this.requestId = requestId;
  }
}

/** Intune wants another administrator's approval of a write, and has opened no request for it: nothing waits. */
export class ApprovalNotAsked extends GraphError {
  constructor({ code, message, status, requestId }: GraphError) {
    const why = `Intune wants another administrator's approval of this, asked for with a reason, and opened no request for it. ${message}`;
    super(code, why, { status, requestId });
  }
}

/** The answer to a write that makes something was lost: it may have been done or not. */
export class WriteUncertain extends Error {
  constructor(cause: GraphError) {
    super(cause.message, { cause });
    this.name = "WriteUncertain";
  }
}

/**
 * What Graph grants for writing, an app and tenant. Of Intune: 100 in 20 s. Administrative templates are throttled far
 * below that in life, conditional access takes 1 a second, and the directory 3,000 in 150 s.
 */
const writeBudgets: Record<ThrottleFamily, Budget> = {
  intune: { requests: 100, windowMs: 20_000 },
  admx: { requests: 100, windowMs: 20_000, startShare: 0.2 },
  conditionalAccess: { requests: 1, windowMs: 1_000 },
  entra: { requests: 200, windowMs: 10_000 },
  cloudPc: { requests: 50, windowMs: 20_000 },
  auditLogs: { requests: 5, windowMs: 10_000 },
};

/** Shared by all writers of this process. */
const writeLimiters = new LimiterRegistry(systemClock, writeBudgets);

/** Graph ends a write that it has not answered by then, as far as anybody knows: in milliseconds. */
export const writeTimeoutMs = 60_000;

/** A writer for one tenant; aborting the signal ends every request and wait of it. */
export function createGraphWriter(
  connection: GraphConnection,
  options: { signal: AbortSignal; tuning?: Partial<GraphTuning> },
): GraphWriter {
  const { signal } = options;
  const tuning = {
    clock: systemClock,
    random: Math.random,
    retry: defaultRetryPolicy,
    requestTimeoutMs: writeTimeoutMs,
    maxBodyBytes: 64 * 2 ** 20,
    ...options.tuning,
  };
  const { clock, random, retry, requestTimeoutMs, maxBodyBytes } = tuning;
  const tokens = createTokenSource(connection, { signal, clock, random, retry, timeoutMs: requestTimeoutMs });
  const limiters = options.tuning?.limiters ?? writeLimiters;

  async function exchanged(write: GraphWrite, what: string, token: string): Promise<Answer> {
    const began = performance.now();
    const family = familyOf(write.path);
    let status: number | null = null;
    const attributes = { "http.request.method": write.method, "graph.family": family, "graph.what": what };
    return traced(`graph ${write.method}`, { kind: "client", attributes }, async (span) => {
      try {
        const answer = await exchange(
          `${connection.graphUrl}/${write.version}/${write.path}`,
          {
            method: write.method,
            headers: {
              Accept: "application/json",
              Authorization: `Bearer ${token}`,
              "Content-Type": "application/json",
              "client-request-id": randomUUID(),
              "x-msft-approval-justification": Buffer.from(write.justification, "utf8").toString("base64"),
              ...(write.approvalCode === undefined ? {} : { "x-msft-approval-code": write.approvalCode }),
            },
            body: write.body,
            mayBeEmpty: true,
          },
          { timeoutMs: requestTimeoutMs, maxBodyBytes },
          what,
          signal,
        );
        status = answer.status;
        return answer;
      } finally {
        span.set({ "http.response.status_code": status });
        observeGraphRequest(family, status, (performance.now() - began) / 1_000);
      }
    });
  }

  return {
    async send(write) {
      const what = templateOf(write.path);
      const limiter = limiters.limiterOf(connection, familyOf(write.path));
      const attempts = noAttempts();
      for (;;) {
        const token = await tokens.get();
        const permit = await limiter.acquire(1, signal);
        let failure: GraphError;
        try {
          const answer = await exchanged(write, what, token.value);
          const requestId = answer.headers["request-id"] ?? null;
          if (answer.status >= 200 && answer.status < 300) {
            limiter.succeeded(1);
            return { body: answer.body, requestId };
          }
          if (answer.status !== 429) limiter.answered();
          const said = approvalWantedBy(answer.status, answer.headers, answer.body);
          // It was sent under the code of a request that is open still: it goes on waiting for that one.
          const approval = said === null ? (write.approvalCode ?? null) : said;
          if (typeof approval === "string") throw new ApprovalWanted(approval, requestId);
          failure = errorOfAnswer(answer.status, answer.headers, answer.body, what, Date.now());
          if (approval === null) failure = new ApprovalNotAsked(failure);
        } catch (error) {
          if (!(error instanceof GraphError)) throw error;
          failure = error;
        } finally {
          permit.release();
        }
        if (failure.code === "TOKEN_EXPIRED" && attempts.renewals === 0) {
          attempts.renewals = 1;
          await tokens.renew(token);
          continue;
        }
        // A refusal for too many requests did nothing. All else that is no refusal may have done it.
        const throttled = failure.code === "GRAPH_THROTTLE";
        if (write.makesSomething && failure.retryable && !throttled) throw new WriteUncertain(failure);
        if (!mayRetry(attempts, failure, retry)) throw failure;
        const step = (throttled ? attempts.throttled : attempts.outages) - 1;
        const [base, cap] = throttled
          ? [retry.throttleBaseMs, retry.throttleCapMs]
          : [retry.outageBaseMs, retry.outageCapMs];
        const pauseMs = failure.retryAfterMs || backoff(step, base, cap, random);
        if (throttled) limiter.throttled(pauseMs);
        await clock.sleep(pauseMs, signal);
      }
    },
  };
}
