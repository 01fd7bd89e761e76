import { Stack } from "@mantine/core";
import { IconDatabase, IconTrash } from "@tabler/icons-react";
import type { Metadata } from "next";
import { z } from "zod";
import { forTenant } from "#app/for-tenant.ts";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { SetTabs } from "#components/backup-sets/set-tabs";
import { BinTable, SetsTable } from "#components/backup-sets/sets-table";
import { DamageAlert } from "#components/backup-sets/verification/verification";
import { VerifyAll } from "#components/backup-sets/verification/verify-all";
import { CursorPager } from "#components/data-table/cursor-pager";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { counted } from "#lib/counted";
import { binDays } from "#lib/sets/schema";
import { listBackupSets } from "#lib/sets/sets";
import { getSetsOverview, type SetsOverview } from "#lib/sets/sets-overview";
import * as setActions from "../../backup-sets/actions.ts";

export const metadata: Metadata = { title: "Backup sets" };

const knownParams = {
  schedule: z.string().regex(/^[1-9][0-9]{0,8}$/),
  bin: z.enum(["1"]),
  cursor: z.string(),
};

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function SetsPage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const query = await searchParams;
  const cursor = param(query, "cursor");
  const schedule = knownParams.schedule.safeParse(param(query, "schedule")).data;
  const bin = param(query, "bin") === "1";
  const [overview, sets] = await Promise.all([
    getSetsOverview(actor, tenantId, {}),
    found(
      listBackupSets(actor, tenantId, {
        bin,
        ...(cursor ? { cursor } : {}),
        ...(schedule ? { schedule_id: Number(schedule) } : {}),
      }),
    ),
  ]);
  const path = `/tenants/${tenantId}/backup-sets`;
  const actions = forTenant(tenantId, setActions);
  const state = { bin: bin ? 1 : undefined, schedule };
  if (overview.kept + overview.binned === 0) {
    return (
      <>
        <PageHeader title="Backup sets" />
        <EmptyState
          icon={<IconDatabase size={22} />}
          title="No backup sets yet"
          action={<ButtonLink href={`/tenants/${tenantId}/backup-schedules`}>Backup schedules</ButtonLink>}
        >
          Each run that captures policies makes one backup set. It never changes afterwards.
        </EmptyState>
      </>
    );
  }
  const chosen = schedule ? overview.schedules.find((each) => each.id === Number(schedule)) : undefined;
  const counts = chosen ?? overview;
  return (
    <>
      <PageHeader
        title="Backup sets"
        actions={
          canIn(tenant, "set:verify") && overview.kept > 0 ? (
            <VerifyAll
              tenantId={tenantId}
              actions={{
                find: actions.findToVerify,
                verify: actions.verifyMany,
              }}
            />
          ) : undefined
        }
      />
      <IgnoredFilters query={query} known={knownParams} />
      <Stack gap="md">
        <DamageAlert tenantId={tenantId} overview={overview} />
        <div>
          <SetTabs
            current={bin ? "bin" : "kept"}
            tabs={{
              kept: { href: hrefOf(path, { schedule }), count: counts.kept },
              bin: { href: hrefOf(path, { bin: 1, schedule }), count: counts.binned },
            }}
          />
          <div className={tableClasses.toolbar}>
            <FilterSelect
              label="Schedule"
              name="schedule"
              options={scheduleOptions(overview, bin, schedule)}
            />
          </div>
          {sets.items.length === 0 && !cursor ? (
            <EmptyState
              icon={bin ? <IconTrash size={22} /> : <IconDatabase size={22} />}
              title={
                bin ? "The bin is empty" : schedule ? "No set of this schedule is kept" : "No set is kept"
              }
              action={
                schedule ? (
                  <ButtonLink href={hrefOf(path, { bin: state.bin })} variant="default">
                    Show all schedules
                  </ButtonLink>
                ) : undefined
              }
            >
              {bin
                ? `What retention or a person removes stays here for ${binDays} days, and can be taken out.`
                : "Removed sets are in the bin."}
            </EmptyState>
          ) : (
            <>
              {bin ? (
                <BinTable sets={sets.items} viewer={tenant} actions={actions} />
              ) : (
                <SetsTable sets={sets.items} />
              )}
              <CursorPager
                words={`${sets.items.length} of ${counted(bin ? counts.binned : counts.kept, "backup set")}, newest first`}
                firstHref={cursor ? hrefOf(path, state) : null}
                nextHref={sets.next_cursor ? hrefOf(path, { ...state, cursor: sets.next_cursor }) : null}
              />
            </>
          )}
        </div>
      </Stack>
    </>
  );
}

/** The schedules that have sets here, and the chosen one, whatever it has. */
function scheduleOptions({ schedules }: SetsOverview, bin: boolean, chosen: string | undefined) {
  const here = schedules.filter(
    (schedule) => (bin ? schedule.binned : schedule.kept) > 0 || String(schedule.id) === chosen,
  );
  const unknown = chosen !== undefined && !here.some((schedule) => String(schedule.id) === chosen);
  return [
    { value: "", label: "All schedules" },
    ...here.map((schedule) => ({
      value: String(schedule.id),
      label: `${schedule.name}${schedule.is_deleted ? ", deleted" : ""} (${bin ? schedule.binned : schedule.kept})`,
    })),
    ...(unknown ? [{ value: chosen, label: `Schedule ${chosen}` }] : []),
  ];
}
