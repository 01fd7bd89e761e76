import { IconArrowDown, IconArrowUp, IconSearchOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type DataColumn, DataTable, HeadCell } from "#components/data-table/data-table";
import tableClasses from "#components/data-table/data-table.module.css";
import { FilterSelect } from "#components/data-table/filter-select";
import { SearchField } from "#components/data-table/search-field";
import { SortCell } from "#components/data-table/sort-cell";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { hrefOf } from "#components/navigation/href.ts";
import { Link } from "#components/navigation/link";
import { TimeCell } from "#components/time/instant";
import { ArchivedBadge } from "#components/ui/archived-badge";
import { counted } from "#lib/counted";
import { portfolioDays } from "#lib/limits";
import { percentText } from "../figure-text.ts";
import { type ProtectionState, protectionLabels, protectionStates } from "../protection.ts";
import { ProtectionBadge } from "../protection-badge.tsx";
import { DayStrip } from "./day-strip.tsx";
import classes from "./portfolio.module.css";
import {
  firstDirection,
  type JudgedTenant,
  type PortfolioSort,
  type PortfolioState,
  type PortfolioView,
  whyWords,
} from "./portfolio-view.ts";

const path = "/tenants";
const searchFrom = 8;

const columns: readonly (DataColumn<JudgedTenant> & { sort?: PortfolioSort })[] = [
  {
    key: "name",
    label: "Tenant",
    sort: "name",
    phone: "main",
    cell: (tenant) => (
      <Link className={`${tableClasses.strong} ${classes.name}`} href={`/tenants/${tenant.id}`}>
        {tenant.name}
      </Link>
    ),
  },
  {
    key: "protection",
    label: "Protection",
    sort: "risk",
    cell: (tenant) =>
      tenant.is_archived ? (
        <ArchivedBadge />
      ) : (
        <span className={classes.protection}>
          <ProtectionBadge state={tenant.protection.state} title={tenant.protection.sentence} />
          <WhyCell tenant={tenant} />
        </span>
      ),
  },
  {
    key: "days",
    label: `Last ${portfolioDays} days`,
    tight: true,
    cell: (tenant) => <DayStrip days={tenant.days} />,
  },
  {
    key: "rate",
    label: "Success rate",
    sort: "rate",
    align: "end",
    tight: true,
    cell: (tenant) => (tenant.success.rate === null ? <Dim>No runs</Dim> : percentText(tenant.success.rate)),
  },
  {
    key: "failures",
    label: "Runs with failures",
    sort: "failures",
    align: "end",
    tight: true,
    cell: (tenant) =>
      tenant.failures === 0 ? (
        <Dim>0</Dim>
      ) : (
        <Link className="tp-link" href={`/tenants/${tenant.id}#failures`}>
          {tenant.failures.toLocaleString("en")}
        </Link>
      ),
  },
  {
    key: "last",
    label: "Last complete backup",
    sort: "last",
    tight: true,
    cell: (tenant) =>
      tenant.last_success_at ? <TimeCell at={tenant.last_success_at} /> : <Dim>None yet</Dim>,
  },
  {
    key: "next",
    label: "Next run",
    sort: "next",
    tight: true,
    cell: (tenant) => (tenant.next_run_at ? <TimeCell at={tenant.next_run_at} /> : <Dim>None</Dim>),
  },
  {
    key: "drift",
    label: "Drift",
    sort: "drift",
    align: "end",
    tight: true,
    cell: ({ id, drift }) =>
      drift === null ? (
        <Dim>No baseline</Dim>
      ) : drift.new + drift.denied === 0 ? (
        <Dim>0</Dim>
      ) : (
        <Link
          className="tp-link"
          href={`/tenants/${id}/drift?state=active`}
          title={`${drift.new} new, ${drift.denied} denied`}
        >
          {(drift.new + drift.denied).toLocaleString("en")}
        </Link>
      ),
  },
  {
    key: "schedules",
    label: "Schedules",
    align: "end",
    tight: true,
    cell: ({ schedules }) =>
      schedules.enabled === schedules.total ? schedules.total : `${schedules.enabled} of ${schedules.total}`,
  },
  { key: "role", label: "Your role", tight: true, phone: "hide", cell: (tenant) => tenant.role },
];

/** A person's tenants: filtered, sorted and paged on the server, with the state in the address. */
export function Portfolio({ view, state }: { view: PortfolioView; state: PortfolioState }) {
  const active = protectionStates.reduce((sum, each) => sum + view.counts[each], 0);
  const total = active + view.archived;
  const filtered = state.search !== "" || state.show !== null;
  const href = (changes: Partial<PortfolioState>) => portfolioHref({ ...state, page: 1, ...changes });
  return (
    <div>
      {total >= searchFrom || filtered ? (
        <div className={tableClasses.toolbar}>
          <SearchField label="Find a tenant" />
          <FilterSelect
            label="Protection"
            name="show"
            options={[
              { value: "", label: "Any protection" },
              { value: "attention", label: `Needs attention (${active - view.counts.protected})` },
              ...protectionStates.map((value) => ({
                value,
                label: `${protectionLabels[value]} (${view.counts[value]})`,
              })),
              ...(view.archived > 0 || state.show === "archived"
                ? [{ value: "archived", label: `Archived (${view.archived})` }]
                : []),
            ]}
          />
          <span className={classes.order}>
            <FilterSelect
              label="Order"
              name="sort"
              options={columns
                .flatMap(({ sort, label }) =>
                  sort ? [{ value: sort === "risk" ? "" : sort, label: `By ${label.toLowerCase()}` }] : [],
                )
                .sort((a, b) => (a.value === "" ? -1 : b.value === "" ? 1 : 0))}
            />
          </span>
        </div>
      ) : null}
      {view.rows.length === 0 ? (
        <EmptyState
          icon={<IconSearchOff size={22} />}
          title="No tenant matches"
          action={
            <ButtonLink href={path} variant="default">
              Show all tenants
            </ButtonLink>
          }
        >
          Try another word, or any protection.
        </EmptyState>
      ) : (
        <DataTable
          label="Tenants"
          columns={columns}
          rows={view.rows}
          rowKey={(tenant) => tenant.id}
          head={columns.map((column) =>
            column.sort ? (
              <SortHead key={column.key} column={column} sort={column.sort} state={state} href={href} />
            ) : (
              <HeadCell key={column.key} column={column} />
            ),
          )}
        />
      )}
      {view.pages > 1 ? (
        <nav className={tableClasses.pager} aria-label="Pages">
          <span role="status">
            {counted(view.matching, "tenant")}, page {view.page} of {view.pages}
          </span>
          <span className={classes.pages}>
            <PageLink href={view.page > 1 ? href({ page: view.page - 1 }) : null}>Previous page</PageLink>
            <PageLink href={view.page < view.pages ? href({ page: view.page + 1 }) : null}>
              Next page
            </PageLink>
          </span>
        </nav>
      ) : null}
    </div>
  );
}

/** How many tenants are in which state; each leads to them. */
export function PortfolioCounts({ counts, archived }: Pick<PortfolioView, "counts" | "archived">) {
  const troubled = protectionStates.filter((state) => state !== "protected" && counts[state] > 0);
  if (troubled.length === 0 && archived === 0) return null;
  return (
    <ul className={classes.counts}>
      {troubled.map((state) => (
        <li key={state}>
          <Link className="tp-link" href={hrefOf(path, { show: state })}>
            {counts[state].toLocaleString("en")} {countWords[state]}
          </Link>
        </li>
      ))}
      {archived > 0 ? (
        <li>
          <Link className="tp-link" href={hrefOf(path, { show: "archived" })}>
            {archived.toLocaleString("en")} archived
          </Link>
        </li>
      ) : null}
    </ul>
  );
}

const countWords: Record<ProtectionState, string> = {
  unprotected: "not protected",
  overdue: "overdue",
  "at-risk": "at risk",
  protected: "protected",
};

function portfolioHref({ search, show, sort, direction, page }: PortfolioState): string {
  return hrefOf(path, {
    search,
    show: show ?? undefined,
    sort: sort === "risk" ? undefined : sort,
    direction: direction === firstDirection[sort] ? undefined : direction,
    page: page === 1 ? undefined : page,
  });
}

function SortHead({
  column,
  sort,
  state,
  href,
}: {
  column: (typeof columns)[number];
  sort: PortfolioSort;
  state: PortfolioState;
  href: (changes: Partial<PortfolioState>) => string;
}) {
  const direction = state.sort === sort ? state.direction : null;
  // Risk reads as a grade: "ascending" would be the safest first.
  const Arrow = direction === "asc" ? IconArrowUp : IconArrowDown;
  return (
    <SortCell
      column={column}
      direction={direction}
      href={href({
        sort,
        direction: direction ? (direction === "asc" ? "desc" : "asc") : firstDirection[sort],
      })}
      icon={direction ? <Arrow size={13} stroke={2} aria-hidden /> : null}
    />
  );
}

/** What is wrong, in a few words. */
function WhyCell({ tenant }: { tenant: JudgedTenant }) {
  const why = whyWords(tenant);
  return why === null ? null : <span className={classes.why}>{why}</span>;
}

function PageLink({ href, children }: { href: string | null; children: string }) {
  return href ? (
    <ButtonLink href={href} variant="default" size="xs">
      {children}
    </ButtonLink>
  ) : null;
}

function Dim({ children }: { children: ReactNode }) {
  return <span className="tp-dim">{children}</span>;
}
