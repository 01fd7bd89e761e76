import { z } from "zod";

const schema = z.object({
  DATABASE_URL: z
    .string()
    .min(1, "DATABASE_URL is not set: start with `npm start`, or name a PostgreSQL database"),
  /** Connections of one process to Postgres, beside those of pg-boss. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).default(10),
  /** 32 bytes in base64; encrypts credentials at rest. */
  TENANTPILOT_ENCRYPTION_KEY: z.string().optional(),
  /** Where set, /api/metrics wants it as its bearer token. */
  METRICS_TOKEN: z.string().optional(),
  /** Base URLs of the Graph sandbox; without them the cloud "sandbox" does not exist. */
  GRAPH_SANDBOX_URL: z.url().optional(),
  GRAPH_SANDBOX_LOGIN_URL: z.url().optional(),
  /** Runs a worker process executes at once. */
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(4),
  /** Active runs one tenant may have at once, over all workers. */
  TENANT_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(2),
  /** Longest time one attempt of a run may take, in minutes. */
  RUN_TIMEOUT_MINUTES: z.coerce.number().positive().default(120),
  /** Attempts of a run before it fails (throttling, outages, lost workers). */
  RUN_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(10).default(4),
  /** First wait between two attempts of a run, in seconds; doubles each time. */
  RUN_RETRY_DELAY_SECONDS: z.coerce.number().int().min(0).default(10),
});

export type Env = z.infer<typeof schema>;

/**
 * The settings of this process, read from the environment at each call (tests change them).
 * @throws Error that names the variable and what to do about it.
 */
export function env(): Env {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The environment is not usable:\n  ${problems.join("\n  ")}`);
}
