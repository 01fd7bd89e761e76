import type { Tx } from "#lib/db/transaction";
import { enqueue } from "#lib/jobs/enqueue";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { changesToldSeconds } from "#lib/limits";
import { authorsOfSet } from "./change-authors.ts";

/** So many are named; the set's page has all of them. */
const named = 5;

/**
 * Has the alert of a set's changes say who made them, as far as that is known now, and go out: it waits for this, and not for
 * long; as does the alert of drift, which looks up who when it is sent. In the transaction that stores what the first look found.
 */
export async function tellAuthors(db: Tx, tenant_id: number, setId: number): Promise<void> {
  const people = await authorsOfSet(db, tenant_id, setId);
  const names = people.slice(0, named);
  const more = people.length - names.length;
  const text = new Intl.ListFormat("en").format([...names, ...(more > 0 ? [`${more} more`] : [])]);
  const sentence = people.length === 0 ? "" : ` Changed by ${text}.`;
  const said = people.length === 0 ? {} : { changed_by: names };
  const waiting = await db.$queryRaw<{ id: bigint }[]>`
    UPDATE alert_events SET
      body = CASE WHEN kind = 'policies.changed' THEN body || ${sentence} ELSE body END,
      data = CASE WHEN kind = 'policies.changed' THEN data || ${JSON.stringify(said)}::jsonb ELSE data END
    WHERE tenant_id = ${tenant_id} AND kind IN ('policies.changed', 'drift.found') AND routed_at IS NULL
      AND created_at > now() - make_interval(secs => ${changesToldSeconds}) AND (data ->> 'backup_set_id')::int = ${setId}
    RETURNING id`;
  await enqueue(
    db,
    routeAlertJob,
    waiting.map(({ id }) => ({ data: { tenant_id, event_id: Number(id) }, tenantId: tenant_id })),
  );
}
