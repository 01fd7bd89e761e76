import { describe, expect, test } from "vitest";
import type { PortfolioTenant } from "#lib/overview/portfolio";
import { portfolioState, portfolioView, summaryWords, whyWords } from "./portfolio-view.ts";

const now = Date.UTC(2026, 10, 23, 20, 0);
const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
const counts = { total: 2, enabled: 2, paused: 0, failing: 0, incomplete: 0, in_breach: 0 };

function tenant(id: number, name: string, over: Partial<PortfolioTenant> = {}): PortfolioTenant {
  return {
    id,
    name,
    role: "operator",
    is_archived: false,
    schedules: counts,
    damaged_sets: 0,
    last_run_status: "success",
    last_run_at: ago(3),
    last_success_at: ago(id),
    next_run_at: ago(-id),
    breaches: [],
    days: [{ date: "2026-11-23", success: 9, partial: 0, failed: 0 }],
    success: { succeeded: 9, attempted: 9, rate: 1 },
    drift: null,
    ...over,
  };
}

const tenants = [
  tenant(1, "Fine 10"),
  tenant(2, "Fine 9"),
  tenant(3, "Failing", {
    schedules: { ...counts, failing: 1 },
    days: [{ date: "2026-11-23", success: 1, partial: 1, failed: 2 }],
    success: { succeeded: 1, attempted: 4, rate: 0.25 },
  }),
  tenant(4, "Empty", {
    schedules: { ...counts, total: 0, enabled: 0 },
    last_success_at: null,
    next_run_at: null,
    days: [],
    success: { succeeded: 0, attempted: 0, rate: null },
  }),
  tenant(5, "Late", { schedules: { ...counts, in_breach: 1 } }),
  tenant(6, "Later", { schedules: { ...counts, in_breach: 2 } }),
];

const view = (query: Record<string, string> = {}, of: readonly PortfolioTenant[] = tenants) =>
  portfolioView(
    of,
    portfolioState((name) => query[name]),
    now,
  );
const names = (query: Record<string, string>) => view(query).rows.map((row) => row.name);

describe("the list of tenants", () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, ["Empty", "Later", "Late", "Failing", "Fine 9", "Fine 10"]],
    [{ sort: "risk", direction: "asc" }, ["Fine 9", "Fine 10", "Failing", "Late", "Later", "Empty"]],
    [{ sort: "name" }, ["Empty", "Failing", "Fine 9", "Fine 10", "Late", "Later"]],
    [{ sort: "last" }, ["Empty", "Later", "Late", "Failing", "Fine 9", "Fine 10"]],
    [{ sort: "next" }, ["Fine 10", "Fine 9", "Failing", "Late", "Later", "Empty"]],
    [{ sort: "rate" }, ["Failing", "Fine 9", "Fine 10", "Late", "Later", "Empty"]],
    [{ sort: "failures" }, ["Failing", "Empty", "Fine 9", "Fine 10", "Late", "Later"]],
    [{ search: "FINE" }, ["Fine 9", "Fine 10"]],
    [{ show: "attention" }, ["Empty", "Later", "Late", "Failing"]],
    [{ show: "overdue", search: "r" }, ["Later"]],
    [
      { sort: "nonsense", direction: "up", page: "-3", show: "?" },
      ["Empty", "Later", "Late", "Failing", "Fine 9", "Fine 10"],
    ],
  ])("%j", (query, expected) => {
    expect(names(query)).toEqual(expected);
  });

  test("has pages of fifty, and shows the last one for any after it", () => {
    const many = Array.from({ length: 120 }, (_, index) => tenant(index + 1, `Tenant ${index + 1}`));
    expect(view({ page: "3", sort: "name" }, many).rows.map((row) => row.name)).toEqual(
      Array.from({ length: 20 }, (_, index) => `Tenant ${101 + index}`),
    );
    expect(view({ page: "99" }, many)).toMatchObject({ page: 3, pages: 3, matching: 120 });
  });

  test("puts archived tenants last in any order, counts them apart, and finds them by a filter of their own", () => {
    const archived = tenant(7, "A retired one", {
      is_archived: true,
      schedules: { ...counts, in_breach: 2 },
    });
    const shown = (query: Record<string, string>) =>
      view(query, [archived, ...tenants]).rows.map((row) => row.name);
    const orders: Record<string, string>[] = [{}, { sort: "name" }, { sort: "risk", direction: "asc" }];
    for (const query of orders) expect(shown(query).at(-1), JSON.stringify(query)).toBe("A retired one");
    expect(shown({ show: "archived" })).toEqual(["A retired one"]);
    expect(shown({ show: "overdue" })).toEqual(["Later", "Late"]);
    expect(shown({ show: "attention" })).not.toContain("A retired one");
    expect(view({}, [archived, ...tenants])).toMatchObject({ archived: 1, counts: view().counts });
    expect(summaryWords(view({}, [archived]).counts)).toBe("No tenant is backed up");
  });

  test("says what is wrong with a tenant, and of what it is so many", () => {
    const why = (of: Partial<typeof counts>) => {
      const schedules = { ...counts, total: 5, enabled: 5, ...of };
      const [row] = view({}, [tenant(1, "One", { schedules })]).rows;
      if (!row) throw new Error("the tenant is not in the list");
      return whyWords(row);
    };
    expect(why({})).toBeNull();
    expect(why({ failing: 3, incomplete: 1 })).toBe("3 schedules failing");
    expect(why({ paused: 1, enabled: 4 })).toBe("1 schedule paused");
    expect(why({ incomplete: 2 })).toBe("2 schedules incomplete");
  });

  test("says how many need attention, whatever is filtered", () => {
    const { counts: states } = view({ search: "nothing is called so" });
    expect(states).toEqual({ unprotected: 1, overdue: 2, "at-risk": 1, protected: 2 });
    expect(summaryWords(states)).toBe("4 of 6 tenants need attention");
    expect(summaryWords({ ...states, unprotected: 0, overdue: 0, "at-risk": 0 })).toBe(
      "All 2 tenants are protected",
    );
    const none = { unprotected: 0, overdue: 0, "at-risk": 0, protected: 0 };
    expect(summaryWords({ ...none, overdue: 1, protected: 1 })).toBe("1 tenant of 2 needs attention");
    expect(summaryWords({ ...none, overdue: 1 })).toBe("Your tenant needs attention");
    expect(summaryWords({ ...none, protected: 1 })).toBe("Your tenant is protected");
  });
});
