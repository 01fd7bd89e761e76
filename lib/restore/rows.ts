import { z } from "zod";
import { readConnection } from "#lib/connection/store";
import { restoreItemFields } from "#lib/connection/write-credential";
import type { RestoreItem as ItemRow } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { GraphError } from "#lib/graph/errors";
import { readExactly } from "#lib/graph/exact-number";
import { findType } from "#lib/policies/catalog";
import { openCredential, sealCredential } from "#lib/sealed-credential";
import { decodeSnapshot } from "#lib/sets/snapshot-codec";
import type { Document } from "./document.ts";
import { type KeptDecision, keptDecisions } from "./kept-decisions.ts";
import { decisionKey, type KnownObject } from "./mapping.ts";
import type { RestoreMode } from "./plan.ts";
import type { Known, LiveMatch, PlanContext, PlannableItem } from "./plan-all.ts";
import { isFromElsewhere } from "./planned-for.ts";

const secretsField = restoreItemFields.secrets;

export function sealSecrets(secrets: ReadonlyMap<string, string>, tenantId: number): Uint8Array<ArrayBuffer> {
  return sealCredential(JSON.stringify([...secrets]), tenantId, secretsField);
}

/** Secrets that were given, by path; none where none of this installation's keys opens them: they are asked for again. */
export function openSecrets(sealed: Uint8Array | null, tenantId: number): Map<string, string> {
  if (sealed === null) return new Map();
  try {
    return new Map(JSON.parse(openCredential(sealed, tenantId, secretsField)) as [string, string][]);
  } catch {
    return new Map();
  }
}

/** At which paths secrets were given. */
export function secretPaths(sealed: Uint8Array | null, tenantId: number): string[] {
  return [...openSecrets(sealed, tenantId).keys()];
}

/** A stored copy of a policy, parsed. @throws Error when it is damaged */
export async function documentOf(encoding: string, content: Uint8Array): Promise<Document> {
  return readExactly(new TextDecoder().decode(await decodeSnapshot(encoding, content))) as Document;
}

/** What of an item's row its plan depends on. */
export type PlanRow = Pick<
  ItemRow,
  | "id"
  | "policy_type"
  | "source_encoding"
  | "source_content"
  | "mode"
  | "prefix"
  | "is_skipped"
  | "match"
  | "live_encoding"
  | "live_content"
  | "secrets_ciphertext"
>;

export const planColumns = {
  id: true,
  policy_type: true,
  source_encoding: true,
  source_content: true,
  mode: true,
  prefix: true,
  is_skipped: true,
  match: true,
  live_encoding: true,
  live_content: true,
  secrets_ciphertext: true,
} as const;

export function modeOf({ mode, prefix }: Pick<ItemRow, "mode" | "prefix">): RestoreMode {
  if (mode === "copy") return { kind: "copy", prefix: prefix ?? "" };
  return { kind: mode === "assignments" ? "assignments" : "inPlace" };
}

/** Rows as they are planned, in their order; of those that cannot be, by the item's id, why: a sentence for people. */
export interface ReadRows<Row> {
  readable: { row: Row; item: PlannableItem }[];
  unreadable: Map<number, string>;
}

/** Reads what a restore has of its policies. One whose type is gone, or whose copy is damaged, holds up no other. */
export async function readRows<Row extends PlanRow>(
  rows: readonly Row[],
  tenantId: number,
): Promise<ReadRows<Row>> {
  const read: ReadRows<Row> = { readable: [], unreadable: new Map() };
  for (const row of rows) {
    const item = await plannable(row, tenantId);
    if (typeof item === "string") read.unreadable.set(row.id, item);
    else read.readable.push({ row, item });
  }
  return read;
}

async function plannable(row: PlanRow, tenantId: number): Promise<PlannableItem | string> {
  const type = findType(row.policy_type);
  if (!type) return `This version of TenantPilot knows no policy type ${row.policy_type}.`;
  const { live_content, live_encoding } = row;
  const backup = await documentOf(row.source_encoding, row.source_content).catch(() => null);
  if (backup === null) return "The copy of it that the restore keeps is damaged. Plan another restore of it.";
  let live: Document | null = null;
  if (live_content && live_encoding) {
    live = await documentOf(live_encoding, live_content).catch(() => null);
    if (live === null) return "The copy of the live policy that the plan keeps is damaged. Plan again.";
  }
  return {
    id: row.id,
    type,
    backup,
    match: row.match as LiveMatch,
    live,
    mode: modeOf(row),
    isSkipped: row.is_skipped,
    secrets: openSecrets(row.secrets_ciphertext, tenantId),
  };
}

const knownObject = z.strictObject({
  kind: z.string(),
  id: z.string(),
  name: z.string(),
  of: z.string().optional(),
});
const offersShape = z.object({
  templates: z.array(
    z.object({
      path: z.string(),
      id: z.string(),
      name: z.string().nullable(),
      isOffered: z.boolean(),
      settings: z.array(z.string()).nullable(),
      required: z
        .array(
          z.object({ definition: z.string(), place: z.string().nullable(), name: z.string().nullable() }),
        )
        .default([]),
      spellings: z.array(z.string()).default([]),
    }),
  ),
  imported: z
    .array(
      z.object({
        id: z.string(),
        key: z.string(),
        presentations: z.array(z.object({ id: z.string(), label: z.string(), type: z.string() })),
      }),
    )
    .nullable(),
  successors: z.array(z.object({ path: z.string(), id: z.string(), name: z.string() })).nullable(),
  deleted: z.array(z.object({ path: z.string(), id: z.string() })),
});
const knownShape = z.object({
  source: z.array(knownObject).default([]),
  target: z.array(knownObject).default([]),
  offers: offersShape.nullable().default(null),
});

export function knownOf(stored: unknown): Known {
  const { source, target, offers } = knownShape.parse(stored);
  return { source: source as KnownObject[], target: target as KnownObject[], offers };
}

/** What the plans of a restore have in common, read in its tenant's transaction. */
export async function planContextOf(
  db: Tx,
  tenantId: number,
  restore: { source_tenant_id: number; known: unknown },
): Promise<PlanContext> {
  const decisions: readonly KeptDecision[] =
    keptDecisions(restore.known) ??
    (await db.referenceDecision.findMany({ where: { source_tenant_id: restore.source_tenant_id } }));
  const settings = await db.restoreSettings.findFirst();
  const connection = await db.connection.findFirst({ select: { tenant_id: true } });
  return {
    known: knownOf(restore.known),
    decisions: new Map(
      decisions.map(({ kind, source_id, target_id }) => [
        decisionKey(kind as KnownObject["kind"], source_id),
        target_id === null ? ("left out" as const) : { id: target_id },
      ]),
    ),
    breakGlass: {
      users: settings?.break_glass_users ?? [],
      groups: settings?.break_glass_groups ?? [],
    },
    isForeign: isFromElsewhere(tenantId, restore),
    graphUrl: connection ? await graphUrlOf(db, tenantId) : "https://graph.microsoft.com",
  };
}

async function graphUrlOf(db: Tx, tenantId: number): Promise<string> {
  try {
    return (await readConnection(db, tenantId)).graphUrl;
  } catch (error) {
    if (error instanceof GraphError) return "https://graph.microsoft.com";
    throw error;
  }
}
