import { z } from "zod";
import { transaction } from "#lib/db/transaction";
import { platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { keyRotationActor } from "./actor.ts";
import { resealSecret } from "./second-step.ts";

const batchSize = 500;

/** The next people with an authenticator app by id. */
const peopleAfter = platformOperation({
  name: "second_factor.people",
  permission: "credential:rotate",
  input: z.strictObject({ id: z.int().min(0) }),
  output: z.array(id),
  async run({ db }, { id: last }) {
    const rows = await db.$queryRaw<{ user_id: number }[]>`
      SELECT user_id FROM second_factors WHERE user_id > ${last} ORDER BY user_id LIMIT ${batchSize}`;
    return rows.map((row) => row.user_id);
  },
});

/** What became of the secret of one person's authenticator app. */
type Resealed = "reencrypted" | "current" | "unreadable" | "none";

/** Encrypts the secrets of all authenticator apps with the first key, person by person. It may be stopped and repeated. */
export async function* resealSecrets(): AsyncGenerator<{ user_id: number; outcome: Resealed }> {
  let last = 0;
  for (;;) {
    const batch = await peopleAfter(keyRotationActor, { id: last });
    for (const user_id of batch) yield { user_id, outcome: await reseal(user_id) };
    last = batch.at(-1) ?? last;
    if (batch.length < batchSize) return;
  }
}

function reseal(user_id: number): Promise<Resealed> {
  return transaction({ as: "account", user_id }, async (db) => {
    const [row] = await db.$queryRaw<{ secret_ciphertext: Uint8Array }[]>`
      SELECT secret_ciphertext FROM second_factors WHERE user_id = ${user_id} FOR UPDATE`;
    if (!row) return "none";
    let resealed: Uint8Array | null;
    try {
      resealed = resealSecret(row.secret_ciphertext, user_id);
    } catch {
      return "unreadable";
    }
    if (!resealed) return "current";
    await db.$executeRaw`UPDATE second_factors SET secret_ciphertext = ${resealed} WHERE user_id = ${user_id}`;
    return "reencrypted";
  });
}
