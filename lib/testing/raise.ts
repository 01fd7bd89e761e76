import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { transaction } from "#lib/db/transaction";

/** Raises alerts as the dispatcher does: of whichever tenants, in one transaction. */
export function raise(...alerts: Alert[]): Promise<void> {
  return transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, alerts));
}
