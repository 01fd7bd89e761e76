import { z } from "zod";

const milliseconds = z.number().int().min(0).max(600_000);

/** What happens instead of, or to, the answer. */
const faultActionSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("status"),
    status: z.number().int().min(400).max(599),
    /** `error.code`, or at the token endpoint `error`. */
    code: z.string().optional(),
    message: z.string().optional(),
    /** Seconds, or an HTTP date. */
    retryAfter: z.union([z.number().min(0), z.string()]).optional(),
  }),
  /** Answers late, and then as it would. */
  z.strictObject({ kind: z.literal("latency"), ms: milliseconds }),
  /** Never answers. */
  z.strictObject({ kind: z.literal("hang") }),
  /** Announces the whole length and closes the connection half way. */
  z.strictObject({ kind: z.literal("truncate") }),
  /** Ends well, but is no JSON. */
  z.strictObject({ kind: z.literal("malformed") }),
  /** 200 with an error as body. */
  z.strictObject({
    kind: z.literal("errorWith200"),
    code: z.string().optional(),
    message: z.string().optional(),
  }),
  /** 200 without a body. */
  z.strictObject({ kind: z.literal("empty200") }),
  /** TCP reset before any answer. */
  z.strictObject({ kind: z.literal("reset") }),
  /** A nextLink that leads to another host. */
  z.strictObject({ kind: z.literal("foreignNextLink"), origin: z.url().optional() }),
  /** A nextLink that leads back to the same page, for ever. */
  z.strictObject({ kind: z.literal("nextLinkLoop") }),
  /** A collection that ends early, without a nextLink. */
  z.strictObject({ kind: z.literal("dropItems"), keep: z.number().int().min(0) }),
  /** Token endpoint: AADSTS7000222. */
  z.strictObject({ kind: z.literal("secretExpired") }),
  /** 403, as if the permission had been taken away. */
  z.strictObject({ kind: z.literal("permissionRevoked") }),
  /** 401 whose message says Forbidden inside. */
  z.strictObject({ kind: z.literal("forbiddenAs401") }),
]);

/** What a fault applies to, how often, and what it does. Everything left out matches all. */
export const faultRuleSchema = z.strictObject({
  /** Entra tenant id. */
  tenant: z.string().optional(),
  phase: z.enum(["token", "list", "page", "item", "child", "batch", "other"]).array().nonempty().optional(),
  family: z
    .enum(["intune", "conditionalAccess", "policies", "directory", "auditLogs", "login", "batch", "other"])
    .optional(),
  /** Path without version, `*` for one segment, `**` for any: `deviceManagement/configurationPolicies/*` */
  path: z.string().optional(),
  /** Only requests whose query, decoded, has this in it: `$expand=assignments` */
  query: z.string().min(1).optional(),
  /** Only requests of this method; those of a whole batch and at the token endpoint are POST. */
  method: z.enum(["GET", "POST", "PATCH", "PUT"]).optional(),
  /** Only requests of their own, or only parts of a `$batch`. */
  via: z.enum(["direct", "batch"]).optional(),
  /** Only the n-th of the requests that match, counted from 1. */
  nth: z.number().int().min(1).optional(),
  /** Share of the matching requests, drawn by `seed`. */
  probability: z.number().gt(0).max(1).optional(),
  seed: z.number().int().optional(),
  /** Applies at most this many times. */
  count: z.number().int().min(1).optional(),
  action: faultActionSchema,
});

export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultAction = FaultRule["action"];
