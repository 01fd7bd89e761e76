import { database } from "#lib/db/client";
import { heartbeatSeconds } from "#lib/limits";

/** A worker process, as it shows itself to the queue. */
export interface Worker {
  name: string;
  host: string;
  started_at: Date;
  seen_at: Date;
  is_alive: boolean;
}

/**
 * Workers, those that live first. The queue lets the login of web read them; they are of no tenant.
 * @param goneHours for how long those that are gone are listed
 */
export async function listWorkers(goneHours: number): Promise<Worker[]> {
  // The adapter takes instants without their offset: outside of a transaction that is the server's, not UTC's.
  return database().$queryRaw<Worker[]>`
    SELECT name, host, started_on AT TIME ZONE 'UTC' AS started_at, heartbeat_on AT TIME ZONE 'UTC' AS seen_at,
           stopped_on IS NULL AND heartbeat_on > now() - make_interval(secs => ${heartbeatSeconds}) AS is_alive
    FROM pgboss.instance
    WHERE name LIKE 'worker%' AND heartbeat_on > now() - make_interval(hours => ${goneHours})
    ORDER BY is_alive DESC, heartbeat_on DESC, name`;
}
