import { z } from "zod";
import { keyRotationActor } from "#lib/access/actor";
import type { AuditAction } from "#lib/audit/actions";
import { platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { resealTarget } from "./target-secret.ts";

const batchSize = 200;
const outcomes = z.enum(["reencrypted", "current", "unreadable"]);

/** Encrypts the addresses and secrets of the next targets by id with the first key, of all tenants and of the platform. */
const resealBatch = platformOperation({
  name: "alert_target.reencrypt",
  permission: "credential:rotate",
  input: z.strictObject({ after: z.int().min(0) }),
  output: z.array(z.strictObject({ target_id: id, outcome: outcomes })),
  async run({ db }, { after }) {
    const rows = await db.$queryRaw<
      { id: number; tenant_id: number | null; name: string; secret_ciphertext: Uint8Array }[]
    >`
      SELECT id, tenant_id, name, secret_ciphertext FROM alert_targets
      WHERE id > ${after} AND secret_ciphertext IS NOT NULL ORDER BY id LIMIT ${batchSize} FOR UPDATE`;
    const done: { target_id: number; outcome: z.infer<typeof outcomes> }[] = [];
    for (const row of rows) {
      const outcome = { target_id: row.id, outcome: "current" as z.infer<typeof outcomes> };
      done.push(outcome);
      let resealed: Uint8Array<ArrayBuffer> | null;
      try {
        resealed = resealTarget(row.secret_ciphertext, row.tenant_id, row.id);
      } catch {
        outcome.outcome = "unreadable";
        continue;
      }
      if (!resealed) continue;
      outcome.outcome = "reencrypted";
      await db.$executeRaw`UPDATE alert_targets SET secret_ciphertext = ${resealed} WHERE id = ${row.id}`;
      await db.$executeRaw`
        INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
        VALUES (${row.tenant_id}, 'system', 'key rotation', ${"alert_target.reencrypted" satisfies AuditAction},
                'alert_target', ${row.id}, jsonb_build_object('name', ${row.name}::text))`;
    }
    return done;
  },
});

/** Encrypts every target's address and secrets with the first key, and says what became of each. */
export async function* resealTargets(): AsyncGenerator<{
  target_id: number;
  outcome: z.infer<typeof outcomes>;
}> {
  for (let after = 0; ; ) {
    const batch = await resealBatch(keyRotationActor, { after });
    yield* batch;
    const last = batch.at(-1);
    if (!last || batch.length < batchSize) return;
    after = last.target_id;
  }
}
