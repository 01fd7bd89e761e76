import { packedWorker, workerFile } from "./packed-worker.ts";
import { workerEnvironment } from "./worker-command.ts";

type Variables = Record<string, string | undefined>;

/** Who comes as the owner of the database: migrations, a restore, which applies them, and what is deleted without waiting. */
const owners = ["prisma/migrate.ts", "scripts/restore.ts", "scripts/delete-tenant.ts"];

/**
 * The environment of a process that runs `file`, without the logins of the database that others need: only the owner's work
 * is done as the owner, and only the worker's as the worker. A worker's says also how it keeps its memory.
 */
export function environmentFor<E extends Variables>(file: string | undefined, env: E): E {
  if (file !== undefined && owners.includes(file)) return env;
  const { DATABASE_OWNER_URL: _owner, DATABASE_WORKER_URL: worker, ...rest } = env;
  const isWorker = file === workerFile || file === packedWorker;
  if (!isWorker) return rest as Variables as E;
  return { ...workerEnvironment, ...rest, ...(worker ? { DATABASE_URL: worker } : {}) } as Variables as E;
}
