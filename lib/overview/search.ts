import { z } from "zod";
import { AppError } from "#lib/errors";
import { operationInSteps } from "#lib/operation";
import { findType } from "#lib/policies/catalog";
import { getRun } from "#lib/runs/get";
import { listRuns } from "#lib/runs/list";
import { scheduleTable } from "#lib/schedules/table";
import { searchPolicies } from "#lib/sets/policy-history";
import { getBackupSet, listBackupSets } from "#lib/sets/sets";
import { tenantFindsView } from "./views.ts";

/** What the command palette finds in a tenant. */
export type TenantFinds = z.infer<typeof tenantFindsView>;

const each = 6;

const textSchema = z
  .string("must be text")
  .trim()
  .overwrite((text) => text.slice(0, 200).toWellFormed());

/**
 * Finds schedules and policies by name, and a run or backup set by its number; without words the newest runs and sets.
 * Each part is an operation of its own, so nobody finds what they may not open.
 * @param input.text as typed
 * @throws AppError VALIDATION_FAILED
 */
export const searchTenant = operationInSteps({
  name: "tenant.search",
  permission: "tenant:view",
  input: z.strictObject({ text: textSchema }),
  output: tenantFindsView,
  async run({ actor, tenant: { id: tenantId } }, { text: words }) {
    const number = Number(/^#?([0-9]{1,9})$/.exec(words)?.[1]);
    const [schedules, policies, runs, sets] = await Promise.all([
      scheduleTable(actor, tenantId, { size: 10, ...(words ? { search: words } : {}) }),
      // One letter fits nearly every policy of every set.
      words.length < 2 ? null : searchPolicies(actor, tenantId, { search: words, limit: each }),
      number
        ? orNone(getRun(actor, tenantId, { run_id: number }))
        : words
          ? []
          : listRuns(actor, tenantId, { limit: each }).then((page) => page.items),
      number
        ? orNone(getBackupSet(actor, tenantId, { set_id: number }))
        : words
          ? []
          : listBackupSets(actor, tenantId, { limit: each }).then((page) => page.items),
    ]);
    return {
      schedules: schedules.rows.map(({ id, name, is_enabled, active_run_id }) => ({
        id,
        name,
        is_enabled,
        active_run_id,
      })),
      policies: (policies?.items ?? []).map(({ policy_type, graph_id, display_name }) => ({
        policy_type,
        graph_id,
        display_name,
        type_label: findType(policy_type)?.label ?? policy_type,
      })),
      runs: runs.map((run) => ({
        id: run.id,
        schedule_name: run.schedule_name,
        status: run.status,
        at: run.scheduled_for,
      })),
      sets: sets.map((set) => ({
        id: set.id,
        schedule_name: set.schedule_name,
        created_at: set.created_at,
      })),
    };
  },
});

/** As a list of one or none: a number that is nothing's is no error of a search. */
async function orNone<T>(answer: Promise<T>): Promise<T[]> {
  try {
    return [await answer];
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return [];
    throw error;
  }
}
