import { IconBuildings } from "@tabler/icons-react";
import type { Metadata } from "next";
import { IgnoredFilters } from "#components/data-table/ignored-filters";
import { EmptyState } from "#components/feedback/empty-state";
import { KeepFresh } from "#components/live/keep-fresh";
import { AppFrame } from "#components/shell/app-frame";
import { Portfolio, PortfolioCounts } from "#components/tenants/portfolio/portfolio";
import classes from "#components/tenants/portfolio/portfolio.module.css";
import { portfolioParams } from "#components/tenants/portfolio/portfolio-params.ts";
import { portfolioState, portfolioView, summaryWords } from "#components/tenants/portfolio/portfolio-view.ts";
import { PageHeader } from "#components/ui/page-header";
import { countableZone } from "#lib/overview/days";
import { getPortfolio } from "#lib/overview/portfolio";
import { param, requireUser, type SearchParams } from "../page-data.ts";
import { signOutAction } from "../sign-in/actions.ts";
import { viewerTime } from "../viewer-time.ts";

export const metadata: Metadata = { title: "Tenants" };

export default async function TenantsPage({ searchParams }: { searchParams: SearchParams }) {
  const { actor, ...user } = await requireUser("/tenants");
  const tenants = await getPortfolio(actor, { timezone: countableZone((await viewerTime()).zone) });
  const query = await searchParams;
  const state = portfolioState((name) => param(query, name));
  const view = portfolioView(tenants, state, Date.now());
  return (
    <AppFrame
      user={user}
      signOut={signOutAction}
      tenants={tenants.map(({ id, name, role, is_archived }) => ({ id, name, role, is_archived }))}
    >
      <KeepFresh />
      <PageHeader title="Tenants">
        {tenants.length === 0 ? null : (
          <div className={classes.summary}>
            <span>{summaryWords(view.counts)}</span>
            <PortfolioCounts counts={view.counts} archived={view.archived} />
          </div>
        )}
      </PageHeader>
      <IgnoredFilters query={query} known={portfolioParams} />
      {tenants.length === 0 ? (
        <EmptyState icon={<IconBuildings size={22} />} title="You are not a member of any tenant yet">
          Ask an owner of the tenant to add {user.email} as a member.
        </EmptyState>
      ) : (
        <Portfolio view={view} state={state} />
      )}
    </AppFrame>
  );
}
