import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";

/** News of PostgreSQL's own comes in milliseconds; behind something that pools, none is likely to come at all. */
const pooledLimitMs = 2_000;
const directLimitMs = 10_000;

/**
 * Whether a connection hears what others notify. It does not behind a pooler that hands out its connections for one
 * transaction each (PgBouncer's transaction mode), where LISTEN stays with whichever it was, nor in another database than the
 * one that notifies. That is tried, with a channel of its own: what stays with a pooler's connection, nobody calls again.
 * @param client connected
 * @param notify sends to a channel, on another connection
 */
export async function hears(
  client: pg.Client,
  notify: (channel: string) => Promise<unknown>,
): Promise<boolean> {
  const channel = `tenantpilot_probe_${randomBytes(8).toString("hex")}`;
  const heard = Promise.withResolvers<boolean>();
  const listener = (message: pg.Notification) => {
    if (message.channel === channel) heard.resolve(true);
  };
  client.on("notification", listener);
  const { rows } = await client.query<{ pid: number }>(`SELECT pg_backend_pid() AS pid`);
  await client.query(`LISTEN ${channel}`);
  await notify(channel);
  // A pooler has told its client a number of its own.
  const pooled = rows[0]?.pid !== Reflect.get(client, "processID");
  const patience = new AbortController();
  const answer = await Promise.race([
    heard.promise,
    wait(pooled ? pooledLimitMs : directLimitMs, false, { signal: patience.signal }),
  ]);
  patience.abort();
  client.off("notification", listener);
  if (answer) await client.query(`UNLISTEN ${channel}`);
  return answer;
}
