import type { Tx } from "#lib/db/transaction";

/** The worker no longer owns the run: a newer attempt began, or the run has ended. It must stop and write nothing. */
export class AttemptLost extends Error {
  constructor(runId: number, attempt: number) {
    super(`Attempt ${attempt} of run ${runId} is no longer the current one`);
    this.name = "AttemptLost";
  }
}

/**
 * Makes sure that this attempt is still the run's current one, and keeps it so until the transaction ends:
 * whoever begins a newer attempt must update the locked row, and waits. So two workers never write for one
 * run, even if one of them was thought dead.
 * @throws AttemptLost
 */
export async function holdAttempt(db: Tx, runId: number, attempt: number): Promise<void> {
  const held = await db.$queryRaw<{ id: number }[]>`
    SELECT id FROM backup_schedule_runs
    WHERE id = ${runId} AND attempt = ${attempt} AND status = 'running' FOR NO KEY UPDATE`;
  if (held.length === 0) throw new AttemptLost(runId, attempt);
}
