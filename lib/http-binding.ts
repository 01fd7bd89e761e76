import type { z } from "zod";
import type { Actor } from "#lib/access/actor";
import type { ErrorCode } from "#lib/errors";

export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];

/** The chapters of the API's description, in their order, and what they are about. */
export const tags = {
  Tenants: "The caller's tenants, and how well each is protected",
  "API tokens": "What scripts sign in with; owners manage them, signed in",
  "Audit log": "Who did what, and when",
  "Backup schedules": "When which policies are backed up, and how long the sets are kept",
  Runs: "Executions of schedules: due, by hand, or repeated",
  "Backup sets": "What runs have captured: contents, comparisons, history, verification, export",
  Restores: "What was backed up comes back: planned first, then written",
  Drift: "What a tenant shall look like, and what differs from that",
  Connection: "How a tenant's Microsoft Graph is reached",
  Members: "People of a tenant, and those who are invited",
  Notifications: "What the caller is told",
  Alerts: "What is wrong, and who is told of it: incidents, targets, rules, deliveries",
  Platform: "Tenants and people of the installation; for platform administrators, signed in",
  Service: "The installation itself, and this description",
} as const;
export type Tag = keyof typeof tags;

/** What is known of a request once its operation has answered, for answers that are more than one JSON value. */
export interface AnsweredCall {
  /** Who asks. */
  actor: Actor;
  tenantId: number;
  /** The operation's input as it was sent. */
  input: Readonly<Record<string, unknown>>;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  /**
   * Asks anew who sends the request, for answers that last: by then its session or token may have ended.
   * @throws AppError UNAUTHENTICATED
   */
  reauthenticate(): Promise<Actor>;
}

/**
 * Where an operation is served over HTTP, and what its request and answer say there that the operation itself does not
 * say: permission, input and output are the operation's own.
 */
export interface HttpBinding<R = unknown> {
  method: Method;
  /** Below /api. Ids in braces, but `tenantId`, are fields of the input: `{scheduleId}` is `schedule_id`. */
  path: string;
  /** Names the address in the OpenAPI document, and tells it from others of the same operation. */
  operationId: string;
  /** One line, and more where that does not say it. */
  summary: string;
  description?: string;
  tag: Tag;
  /** Fields of the input that this address decides. */
  fixed?: Readonly<Record<string, unknown>>;
  /** The query of a GET where it is written differently from the input; without it, the rest of the input. */
  query?: z.ZodObject;
  /** The body where less is documented than the operation takes, null for none; without it, the rest of the input. */
  body?: z.ZodType | null;
  /** The input's field that takes the whole body. */
  bodyAs?: string;
  /** Of a good answer; 200 unless told. */
  status?: 200 | 201 | 202 | 204;
  /** What a good answer is, in words. */
  answer: string;
  /** The operation gives a Page: the answer is its items, and `Link` leads to the next. */
  paged?: true;
  /** The operation may answer null: then it is 404, with these words. */
  absent?: string;
  /** Of an answer that is not the output as JSON, with `respond`, which makes it. */
  mediaType?: string;
  respond?(result: R, call: AnsweredCall): Response;
  /** Codes that this address answers beside those of every address. */
  errors?: readonly ErrorCode[];
  /** The address of what was created, below /api. */
  location?(result: R): string;
  /** The version of what is answered: part of its ETag. A GET then answers 304 to an If-None-Match that names the tag. */
  version?(result: R): number;
  /** It takes If-Match. The operation has to say which version it acts upon (`requireVersion`). */
  ifMatch?: true;
  /** It takes an Idempotency-Key: repeated with the same one, it is done once and answers the same. */
  idempotent?: true;
}
