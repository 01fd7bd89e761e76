import { isIP } from "node:net";
import { z } from "zod";
import {
  auditKeptDays,
  metricsTenants,
  runDefaults,
  runKeptDays,
  sessionHours,
  sessionIdleMinutes,
  unloggedPaths,
  webDefaults,
} from "#lib/limits";
import { sslModes } from "./db/ssl-modes.ts";
import { isLoopback } from "./loopback.ts";
import { parseProxies } from "./trusted-proxies.ts";

/** 256 bits, as the key that next-auth derives from it has. */
export const leastSecretBytes = 32;

const makeAKey = "make one with: openssl rand -base64 32";

/** One key of 32 bytes in base64. */
const encryptionKey = z
  .string()
  .trim()
  .transform((encoded, context) => {
    const key = Buffer.from(encoded, "base64");
    if (key.length === 32) return key;
    context.addIssue({
      code: "custom",
      message: `must be 32 bytes in base64, not ${key.length}; ${makeAKey}`,
    });
    return z.NEVER;
  });
const tcpPort = z
  .string()
  .regex(/^\d{1,5}$/, "must be a number up to 65535")
  .transform(Number)
  .refine((port) => port <= 65_535, "must be a number up to 65535");

/** An unknown mode of TLS would be taken for one that is not meant. */
const knowsSslMode = (url: string) => {
  const mode = URL.canParse(url) ? new URL(url).searchParams.get("sslmode") : null;
  return mode === null || sslModes.has(mode);
};
const sslModeWanted = `its sslmode must be one of ${[...sslModes.keys()].join(", ")}`;

const isNetwork = (text: string) => {
  const [address = "", prefix = "", ...rest] = text.split("/");
  const family = isIP(address);
  return (
    family !== 0 &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= (family === 4 ? 32 : 128)
  );
};

const schema = z.object({
  DATABASE_URL: z
    .string("DATABASE_URL is not set: start with `npm start`, or name a PostgreSQL database")
    .refine(knowsSslMode, sslModeWanted),
  /** Where PostgreSQL itself is when DATABASE_URL names a pooler; without a user, with the login of DATABASE_URL. */
  DATABASE_DIRECT_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: "must be an address such as postgresql://db.example/tenantpilot",
      abort: true,
    })
    .refine(knowsSslMode, sslModeWanted)
    .optional(),
  /** Lets web and worker connect as a superuser, who can switch off every guard of the database. */
  DATABASE_ALLOW_SUPERUSER: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true"),
  /** For how long Graph may hide what a restore has just made, before a lost creation is repeated. */
  RESTORE_SETTLE_SECONDS: z.coerce.number().min(0).max(3_600).default(150),
  /** Connections of one process to Postgres, beside those of pg-boss. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).default(10),
  /** Encrypts credentials at rest. */
  TENANTPILOT_ENCRYPTION_KEY: encryptionKey.optional(),
  /** In its place, or before it, several with commas between: the first encrypts, all decrypt. */
  TENANTPILOT_ENCRYPTION_KEYS: z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").filter((key) => key.trim() !== "") : []),
    z.array(encryptionKey),
  ),
  /** The reverse proxies whose X-Forwarded-For is believed; `none` when clients connect directly. */
  TRUSTED_PROXIES: z
    .string()
    .transform((list, context) => {
      try {
        return parseProxies(list);
      } catch (error) {
        context.addIssue({
          code: "custom",
          message: error instanceof Error ? error.message : String(error),
        });
        return z.NEVER;
      }
    })
    .optional(),
  /** The address that people's browsers know the service by: its origin, without a path. */
  NEXTAUTH_URL: z
    .url({
      protocol: /^https?$/i,
      error: "must be an address such as https://tenantpilot.example",
      abort: true,
    })
    .refine((url) => /^\/?$/.test(new URL(url).pathname), "must be an address without a path")
    .optional(),
  /** Further names, beside the one in NEXTAUTH_URL, by which the web server may be asked. */
  TRUSTED_HOSTS: z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((name) => name.trim()) : []),
    z.array(z.string()).transform((names) => names.filter((name) => name !== "")),
  ),
  /** Encrypts the session cookies. */
  NEXTAUTH_SECRET: z.string().optional(),
  /** Signing in with Microsoft Entra ID: the app registration, and the one tenant whose people it lets in. */
  ENTRA_CLIENT_ID: z.string().optional(),
  ENTRA_CLIENT_SECRET: z.string().optional(),
  ENTRA_TENANT_ID: z
    .guid("must be the id of one tenant: neither its domain, nor common or organizations")
    .optional(),
  /** Who vouches, for national clouds; the global cloud's issuer of the tenant unless set. */
  ENTRA_ISSUER: z.url({ protocol: /^https?$/i }).optional(),
  /** `off`: nobody signs in with a password but those of BREAK_GLASS_EMAILS. */
  LOCAL_PASSWORDS: z.enum(["on", "off"]).default("on"),
  /** Accounts that sign in with a password even so, with commas between. */
  BREAK_GLASS_EMAILS: z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((email) => email.trim().toLowerCase()) : []),
    z.array(z.string()).transform((emails) => emails.filter((email) => email !== "")),
  ),
  /** Of whom a second step is asked who sign in with a password: who has none may do nothing but set it up. */
  REQUIRE_TOTP: z.enum(["off", "administrators", "all"]).default("off"),
  /** The address that the web server listens on; every one unless set. */
  HOST: z.string().optional(),
  /** The TCP port that the web server listens on. */
  PORT: tcpPort.default(3000),
  /** The TCP port on which a worker says how it is; none unless set. */
  WORKER_HEALTH_PORT: tcpPort.optional(),
  /** Lets web and worker start on a database that a newer version has migrated. */
  ALLOW_NEWER_SCHEMA: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true"),
  /** For how long the web server keeps an idle connection: longer than the proxy in front of it does. */
  KEEP_ALIVE_SECONDS: z.coerce.number().min(1).max(3_600).default(webDefaults.keepAliveSeconds),
  /** A stopping web server goes on for so long after it has said that it is not ready. */
  SHUTDOWN_NOTICE_SECONDS: z.coerce.number().min(0).max(600).default(webDefaults.shutdownNoticeSeconds),
  /** Then its requests in flight have so long to end. */
  SHUTDOWN_LIMIT_SECONDS: z.coerce.number().min(0).max(3_600).default(webDefaults.shutdownLimitSeconds),
  /** How much memory the objects of a web process may take: Node's option for it is set at its start. */
  WEB_MAX_HEAP_MB: z.coerce.number().int().min(128).max(65_536).default(webDefaults.maxHeapMegabytes),
  /** As which level a request is logged that went well; `silent`: no request is. */
  ACCESS_LOG_LEVEL: z.enum(["debug", "info", "silent"]).default("info"),
  /** Beginnings of paths, with commas between, of which no request is logged. */
  ACCESS_LOG_EXCLUDE: z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((path) => path.trim()) : undefined),
    z
      .array(z.string())
      .default([...unloggedPaths])
      .transform((paths) => paths.filter((path) => path !== "")),
  ),
  /** How many tenants /api/metrics names one by one. */
  METRICS_TENANT_LIMIT: z.coerce.number().int().min(0).max(10_000).default(metricsTenants),
  /** /api/metrics wants it as its bearer token (lib/http/service-token.ts). */
  METRICS_TOKEN: z.string().optional(),
  /** A session that is not used for this many minutes has ended. */
  SESSION_IDLE_MINUTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(sessionHours * 60)
    .default(sessionIdleMinutes),
  /** Requests a minute that one token or person may send to one web process; 0 is no limit. */
  API_REQUESTS_PER_MINUTE: z.coerce.number().int().min(0).default(3_000),
  /** Event streams that one token or person may have open with one web process. */
  EVENT_STREAMS_PER_CALLER: z.coerce.number().int().min(1).default(50),
  /** What one tenant may have, so that nobody fills the service for all. */
  TENANT_MAX_SCHEDULES: z.coerce.number().int().min(1).default(1_000),
  TENANT_MAX_TOKENS: z.coerce.number().int().min(1).default(200),
  TENANT_MAX_MEMBERS: z.coerce.number().int().min(1).default(1_000),
  /** Base URLs of the Graph sandbox; without them the cloud "sandbox" does not exist. */
  GRAPH_SANDBOX_URL: z.url().optional(),
  GRAPH_SANDBOX_LOGIN_URL: z.url().optional(),
  /** Runs a worker process executes at once. */
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(4),
  /** Active runs one tenant may have at once, over all workers. */
  TENANT_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(2),
  /** Longest time one attempt of a run may take, in minutes. */
  RUN_TIMEOUT_MINUTES: z.coerce.number().positive().default(runDefaults.timeoutMinutes),
  /** Attempts of a run before it fails (throttling, outages, lost workers). */
  RUN_MAX_ATTEMPTS: z.coerce.number().int().min(1).max(10).default(runDefaults.maxAttempts),
  /** First wait between two attempts of a run, in seconds; doubles each time. */
  RUN_RETRY_DELAY_SECONDS: z.coerce.number().int().min(0).default(runDefaults.retryDelaySeconds),
  /** Notifications older than this many days are removed daily. */
  NOTIFICATION_RETENTION_DAYS: z.coerce.number().int().min(1).default(180),
  /** Runs that nothing is left of are removed daily when they are older than this many days; 0: never. */
  RUN_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .refine(
      (days) => days === 0 || days >= runKeptDays.least,
      `must be 0 (for ever) or at least ${runKeptDays.least}`,
    )
    .default(runKeptDays.usual),
  /** The mail server by which alerts go out, in one address, such as `smtps://user:password@mail.example`; or as below. */
  SMTP_URL: z
    .url({
      protocol: /^smtps?$/,
      error: "must be an address such as smtp://user:password@mail.example:587",
    })
    .optional(),
  SMTP_HOST: z.string().optional(),
  /** 587 unless set. 465 is TLS from the first byte; any other port begins in clear and has to offer STARTTLS. */
  SMTP_PORT: tcpPort.optional(),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  /** `off`: mail goes out unencrypted where the server offers nothing else. */
  SMTP_TLS: z.enum(["required", "off"]).default("required"),
  /** Who alerts by mail are from: `alerts@example.com`, or `TenantPilot <alerts@example.com>`. */
  SMTP_FROM: z
    .string()
    .regex(
      /^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/,
      "must be an address such as alerts@example.com",
    )
    .optional(),
  /** Networks beside the public ones that alerts may go to, in CIDR notation with commas between. */
  ALERT_PRIVATE_NETWORKS: z.preprocess(
    (value) => (typeof value === "string" ? value : ""),
    z.string().transform((list, context) => {
      const networks = list.split(",").map((network) => network.trim());
      const named = networks.filter((network) => network !== "");
      const wrong = named.find((network) => !isNetwork(network));
      if (wrong === undefined) return named;
      context.addIssue({ code: "custom", message: `${wrong} is not a network such as 10.20.0.0/16` });
      return z.NEVER;
    }),
  ),
  /** Audit entries older than this many days are removed daily; unset: never. */
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(auditKeptDays).optional(),
});

export type Env = z.infer<typeof schema>;

/** Lists of which the empty one is another than the one that holds when nothing is said. */
const emptyIsMeant = new Set(["ACCESS_LOG_EXCLUDE"]);

/**
 * The settings of this process, read from the environment at each call (tests change them). An empty variable is an unset
 * one: `RUN_RETENTION_DAYS=` in a file of settings says nothing, and above all not 0.
 * @throws Error that names the variable and what to do about it.
 */
export function env(): Env {
  const given = Object.entries(process.env).filter(([name, value]) => value !== "" || emptyIsMeant.has(name));
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw unusable(parsed.error.issues.map((issue) => `${nameOf(issue.path)}: ${issue.message}`));
}

/** In one line: it is one record of a log. */
function unusable(problems: readonly string[]): Error {
  return new Error(`The environment is not usable: ${problems.join("; ")}`);
}

/** `TENANTPILOT_ENCRYPTION_KEYS, key 2` */
function nameOf([name, index]: readonly PropertyKey[]): string {
  return typeof index === "number" ? `${String(name)}, key ${index + 1}` : String(name);
}

/** The keys that open stored credentials; new ones are encrypted with the first. Empty when none is set. */
export function encryptionKeys(): Buffer[] {
  const { TENANTPILOT_ENCRYPTION_KEYS: several, TENANTPILOT_ENCRYPTION_KEY: one } = env();
  return one ? [...several, one] : several;
}

/**
 * The settings of a process that serves: it refuses to start with what would only fail at the first stored credential, or
 * be unsafe.
 * @throws Error that names the variables and what to do about them, in one line
 */
export function serviceEnv(): Env {
  const settings = env();
  const problems = problemsOf(settings);
  if (problems.length > 0) throw unusable(problems);
  return settings;
}

/**
 * The settings of the web server, which needs more than a worker does: what sessions depend on.
 * @throws Error that names the variables and what to do about them, in one line
 */
export function webEnv(): Env & { NEXTAUTH_URL: string } {
  const settings = env();
  const { NEXTAUTH_URL, NEXTAUTH_SECRET } = settings;
  const problems = problemsOf(settings);
  if (!NEXTAUTH_SECRET) problems.push(`NEXTAUTH_SECRET is not set; ${makeAKey}`);
  if (!NEXTAUTH_URL)
    problems.push("NEXTAUTH_URL is not set: name the address that browsers know the service by");
  problems.push(...problemsOfEntra(settings));
  if (!NEXTAUTH_URL || problems.length > 0) throw unusable(problems);
  return { ...settings, NEXTAUTH_URL };
}

function problemsOf(settings: Env): string[] {
  const { NEXTAUTH_SECRET: secret, NEXTAUTH_URL: url } = settings;
  const problems: string[] = [];
  if (encryptionKeys().length === 0) problems.push(`TENANTPILOT_ENCRYPTION_KEY is not set; ${makeAKey}`);
  if (secret && Buffer.byteLength(secret) < leastSecretBytes)
    problems.push(`NEXTAUTH_SECRET: must have at least ${leastSecretBytes} bytes; ${makeAKey}`);
  // Passwords, sessions and tokens would cross a network in clear.
  if (url && new URL(url).protocol === "http:" && !isLoopback(new URL(url).hostname))
    problems.push("NEXTAUTH_URL: must begin with https:// for anything but this machine itself");
  problems.push(...problemsOfMail(settings));
  return problems;
}

/** Without a sender, or half a login, the first alert would fail: at night. */
function problemsOfMail(settings: Env): string[] {
  const { SMTP_URL, SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASSWORD, SMTP_FROM } = settings;
  const problems: string[] = [];
  if (SMTP_URL && (SMTP_HOST ?? SMTP_PORT ?? SMTP_USER ?? SMTP_PASSWORD) !== undefined)
    problems.push("SMTP_URL: says it all; unset SMTP_HOST, SMTP_PORT, SMTP_USER and SMTP_PASSWORD");
  if ((SMTP_URL ?? SMTP_HOST) && !SMTP_FROM)
    problems.push("SMTP_FROM is not set: name the address that alerts by mail are from");
  if (!SMTP_URL && (SMTP_USER === undefined) !== (SMTP_PASSWORD === undefined))
    problems.push("SMTP_USER and SMTP_PASSWORD: set both or neither");
  return problems;
}

/** Half of it would only fail once somebody signs in. */
function problemsOfEntra(settings: Env): string[] {
  const { ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET, ENTRA_TENANT_ID, ENTRA_ISSUER } = settings;
  const wanted = { ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET, ENTRA_TENANT_ID };
  const missing = Object.entries(wanted).flatMap(([name, value]) => (value ? [] : [name]));
  const problems: string[] = [];
  if (missing.length === 1 || missing.length === 2)
    problems.push(`${missing.join(" and ")}: not set, though the rest of Entra's settings is`);
  if (missing.length > 0 && settings.LOCAL_PASSWORDS === "off")
    problems.push("LOCAL_PASSWORDS: off leaves no way in while Entra's settings are not set");
  const issuer = ENTRA_ISSUER ? new URL(ENTRA_ISSUER) : null;
  if (issuer?.protocol === "http:" && !isLoopback(issuer.hostname))
    problems.push("ENTRA_ISSUER: must begin with https:// for anything but this machine itself");
  return problems;
}
