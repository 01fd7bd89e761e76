type Variables = Record<string, string | undefined>;

/**
 * The environment of a process that runs `file`, without the logins of the database that others need: only migrations
 * come as the owner, and only the worker as the worker.
 */
export function environmentFor<E extends Variables>(file: string | undefined, env: E): E {
  if (file === "prisma/migrate.ts") return env;
  const { DATABASE_OWNER_URL: _owner, DATABASE_WORKER_URL: worker, ...rest } = env;
  const kept = file === "worker/index.ts" && worker ? { ...rest, DATABASE_URL: worker } : rest;
  return kept as Variables as E;
}
