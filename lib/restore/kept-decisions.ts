import { z } from "zod";
import type { Tx } from "#lib/db/transaction";

/** What a reference stands for, as somebody decided; without a target the policy is written without it. */
export interface KeptDecision {
  kind: string;
  source_id: string;
  target_id: string | null;
}

const kept = z.object({
  decisions: z
    .array(z.object({ kind: z.string(), source_id: z.string(), target_id: z.string().nullable() }))
    .nullable()
    .default(null),
});

/**
 * The decisions that a restore was asked for with: whoever decides otherwise later, for another plan, does not change what
 * is written.
 * @param known what the restore knows
 * @returns null while nobody has asked for it: decisions are those of the pair of tenants then
 */
export function keptDecisions(known: unknown): KeptDecision[] | null {
  return kept.parse(known).decisions;
}

/** Keeps with a restore what is decided now for its pair of tenants. In its tenant's transaction. */
export async function keepDecisions(db: Tx, restoreId: number): Promise<void> {
  await db.$executeRaw`
    UPDATE restores r SET known = jsonb_set(r.known, '{decisions}', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('kind', d.kind, 'source_id', d.source_id, 'target_id', d.target_id)),
                      '[]'::jsonb)
      FROM reference_decisions d WHERE d.tenant_id = r.tenant_id AND d.source_tenant_id = r.source_tenant_id))
    WHERE r.id = ${restoreId}`;
}

/** It is a plan again, and follows what people decide. In its tenant's transaction. */
export async function forgetDecisions(db: Tx, restoreId: number): Promise<void> {
  await db.$executeRaw`UPDATE restores SET known = known - 'decisions' WHERE id = ${restoreId}`;
}
