import { z } from "zod";
import { errorCodes, type Problem } from "#lib/errors";
import type { Readiness } from "#lib/health/readiness";

// What the API answers beside the outputs of operations: of the service itself, and errors.

export const health = z.strictObject({ status: z.literal("ok") });

const check = z.strictObject({ ok: z.boolean(), message: z.string() });

export const readinessSchema = z.strictObject({
  ready: z.boolean(),
  versions: z.strictObject({
    service: z.string(),
    schema: z.string().nullable().meta({ description: "The last migration that the database has" }),
    expected_schema: z.string().nullable().meta({ description: "The last one that this version brings" }),
  }),
  checks: z.strictObject({
    process: check.meta({ description: "False once it has been asked to stop" }),
    database: check.meta({ description: "Whether it answers and takes changes" }),
    migrations: check,
    guards: check.meta({ description: "Roles, row-level security, triggers" }),
    encryption_key: check,
    worker: check.meta({ description: "Told, and no condition of being ready" }),
    live: check.meta({
      description: "Whether open pages are told of changes, or have to look; no condition of being ready",
    }),
  }),
}) satisfies z.ZodType<Readiness>;

export const problem = z
  .looseObject({
    type: z.literal("about:blank"),
    title: z.string().meta({ description: "The status in words" }),
    status: z.int().meta({ description: "The HTTP status" }),
    code: z.enum(errorCodes).meta({ description: "What programs go by" }),
    detail: z.string().meta({ description: "What happened, and what to do about it" }),
    errors: z
      .array(
        z.strictObject({
          path: z.string().meta({ description: "The field", examples: ["policy_types.0"] }),
          message: z.string().meta({ description: "What is wrong with it" }),
        }),
      )
      .optional()
      .meta({ description: "Each faulty field (422)" }),
    request_id: z.string().optional().meta({ description: "Under which it was logged" }),
  })
  .meta({ id: "Problem" }) satisfies z.ZodType<Problem>;
