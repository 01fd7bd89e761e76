import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { listAuditLog } from "#lib/audit/list";
import { compareSets } from "#lib/compare/compare";
import { purgeBin } from "#lib/retention/retention";
import { removeSet } from "#lib/sets/bin";
import { listBackupItems } from "#lib/sets/items";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import type { PolicyWords } from "#lib/words/schema";
import { csvFormat } from "./csv.ts";
import type { Cover, DocumentedPolicy } from "./document.ts";
import { documentSet } from "./document-set.ts";
import { htmlFormat } from "./html.ts";
import { markdownFormat, marked } from "./markdown.ts";
import { portalJson } from "./portal-json.ts";

const hostile = `</style><script>alert(1)</script>"'&|\`*[x](javascript:1)`;
const cover: Cover = {
  tenant: hostile,
  schedule: hostile,
  set_id: 7,
  made: "1 May 2026",
  written: "2 May 2026",
  items: 1,
  told: 1,
  is_complete: false,
  missing: [hostile],
  selection: hostile,
  manifest_sha256: "ab",
  since: { set_id: 6, made: "30 April 2026" },
};
const words: PolicyWords = {
  sentences: [hostile],
  sections: [
    {
      key: "settings",
      title: "Settings",
      rows: [
        {
          key: "a",
          path: ["a"],
          category: [hostile, "Windows"],
          name: "=HYPERLINK(1)",
          isNamed: true,
          value: { kind: "list", items: [hostile, "two\nlines"] },
          children: [
            {
              key: "b",
              path: ["a", 0],
              category: [],
              name: "Script",
              isNamed: true,
              value: { kind: "code", text: "```\n<b>", language: "PowerShell", encoding: "UTF-8" },
              children: [],
            },
            {
              key: "c",
              path: ["c"],
              category: [],
              name: "Key",
              isNamed: true,
              value: { kind: "secret" },
              children: [],
            },
            {
              key: "d",
              path: ["d"],
              category: [],
              name: "Formula",
              isNamed: true,
              value: { kind: "text", text: "@SUM(1)" },
              children: [],
            },
          ],
        },
      ],
    },
  ],
};
const policy: DocumentedPolicy = {
  number: 1,
  type: hostile,
  name: `-${hostile}`,
  graph_id: hostile,
  sha256: "cd",
  words,
  change: {
    kind: "changed",
    settings: [
      {
        key: "d",
        section: "Settings",
        category: [hostile],
        path: ["d"],
        name: "Formula",
        kind: "changed",
        before: { kind: "text", text: "+1" },
        after: { kind: "text", text: "@SUM(1)" },
      },
    ],
  },
};

function written(format: ReturnType<typeof htmlFormat>): string {
  return (
    format.begin(cover) +
    format.contents([policy]) +
    format.beginPolicies() +
    format.policy(policy) +
    format.end([policy])
  );
}

describe("what a policy may hold does nothing in", () => {
  test("HTML: no element, and nothing is fetched", () => {
    const html = written(htmlFormat());
    expect(html).not.toMatch(/<script|<img|<link|<b>|src=|url\(|https?:/i);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;");
    expect(html).toContain("default-src 'none'");
    expect(html).toContain("A secret, which nobody can read back");
    expect(html).toContain("Partial: something is missing");
  });

  test("Markdown: no element, no link, no broken table or fence", () => {
    const markdown = written(markdownFormat());
    // A code span shows what is in it as it is.
    const outside = markdown.replace(/^````powershell\n[\s\S]*?^````$/m, "").replace(/(?<!\\)`[^`\n]*`/g, "");
    expect(outside).not.toBe(markdown);
    expect(outside).not.toMatch(/(?<!\\)<(?!br>)|(?<!\\)\]\(/);
    for (const line of outside.split("\n").filter((each) => each.startsWith("| ")))
      expect([3, 4]).toContain(line.match(/(?<!\\)\|/g)?.length);
  });

  test.each([
    ["10.0.19045", "10.0.19045"],
    ["192.168.1.0/24", "192.168.1.0/24"],
    ["1. Baseline", "1\\. Baseline"],
    ["2)", "2\\)"],
    ["- a\r\n- b\rc", "\\- a - b c"],
    ["=> x", "\\=\\> x"],
  ])("Markdown: %j is written %j", (given, expected) => {
    expect(marked(given)).toBe(expected);
  });

  test("CSV: no formula", () => {
    const cells = [...written(csvFormat()).matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,\r\n]*)/gm)].map(([, cell]) =>
      (cell ?? "").replace(/^"|"$/g, ""),
    );
    expect(cells.filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
    expect(cells).toContain("'@SUM(1)");
    expect(cells).toContain("'+1");
  });
});

describe("what cannot be told setting by setting", () => {
  const changed = { kind: "changed" as const, settings: [] };

  test("a policy of which no setting differs is said to have changed", () => {
    const one = { ...policy, change: changed };
    expect(htmlFormat().policy(one)).toContain('<span class="mark changed">Changed</span>');
    expect(markdownFormat().policy(one)).toContain("\n*Changed.*\n");
    const lines = csvFormat().policy(one).split("\r\n");
    expect(lines.filter((line) => line.includes(",changed,"))).toEqual([lines[0]]);
  });

  test("CSV tells what became of a policy whose copy is damaged, and which copies are", () => {
    const line = (change: DocumentedPolicy["change"]) =>
      csvFormat().policy({ ...policy, words: null, change });
    expect(line({ kind: "added" })).toContain(",damaged or missing,,added,\r\n");
    expect(line(changed)).toContain(",damaged or missing,,changed,\r\n");
    expect(line({ kind: "changed", settings: null })).toContain(
      ",damaged or missing,,changed,damaged or missing\r\n",
    );
    expect(line(null)).toContain(",damaged or missing,,,\r\n");
  });

  test("CSV says what is missing, and nothing of a whole set", () => {
    const begun = (more: Partial<Cover>) =>
      csvFormat()
        .begin({ ...cover, ...more })
        .split("\r\n");
    expect(begun({ missing: ["Filters: not read", "Scripts: 1 of 2"] }).slice(1)).toEqual([
      ",,,,What is missing,,Filters: not read,,,",
      ",,,,What is missing,,Scripts: 1 of 2,,,",
      "",
    ]);
    expect(begun({ missing: [] })[1]).toContain("Something is missing in this set");
    expect(begun({ missing: [], is_complete: true }).slice(1)).toEqual([""]);
  });
});

const world = withWorld({ policies: 40 });
let sets: number[];

beforeAll(async () => {
  const { id, actors, sandbox } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, {
    policy_types: ["settingsCatalogPolicy", "deviceManagementScript", "conditionalAccessPolicy"],
  });
  sets = [await makeSet(world.tenant, schedule.id)];
  const collection = "deviceManagement/configurationPolicies";
  world.sandbox.tenant(sandbox.entraTenantId).drift({ change: 2, remove: 1, add: 1, collection });
  sets.push(await makeSet(world.tenant, schedule.id));
}, 120_000);

describe("a documented set", () => {
  const documented = async (input: object) => {
    const file = await documentSet(world.tenant.actors.manager, world.tenant.id, {
      set_id: sets[1] ?? 0,
      ...input,
    });
    return { ...file, text: await text(file.stream) };
  };

  test("tells every policy once, in words, with what changed since another set", async () => {
    const { items } = await listBackupItems(world.tenant.actors.readonly, world.tenant.id, {
      set_id: sets[1] ?? 0,
      limit: 200,
    });
    const html = await documented({ since_set_id: sets[0], timezone: "Europe/Berlin" });
    expect(html.filename).toMatch(/\.html$/);
    expect(html.text.match(/<article /g)).toHaveLength(items.length);
    expect(html.text.match(/<li value=/g)).toHaveLength(items.length);
    for (const { sha256 } of items) expect(html.text).toContain(sha256);
    expect(html.text).toMatch(/As of<\/dt><dd>.* (CET|CEST|GMT\+[12])/);
    expect(html.text.match(/class="mark changed"/g)?.length).toBeGreaterThan(0);
    expect(html.text).toContain("<caption>Changes</caption>");
    const { counts } = await compareSets(world.tenant.actors.readonly, world.tenant.id, {
      set_id: sets[1] ?? 0,
      with_set_id: sets[0],
    });
    expect(html.text.match(/class="mark changed"/g)).toHaveLength(counts.changed);
    expect(html.text.match(/class="mark added"/g)).toHaveLength(1);
    expect(html.text).toContain("Removed since");
    expect(html.text.trimEnd().endsWith("</html>")).toBe(true);

    // What was only read more fully than before has not changed, there as in comparisons.
    await world.admin.query(
      `INSERT INTO rereadings (tenant_id, sha256, earlier_sha256)
       SELECT n.tenant_id, n.sha256, o.sha256 FROM backup_items n
       JOIN backup_items o ON o.backup_set_id = $1 AND o.policy_type = n.policy_type AND o.graph_id = n.graph_id
       WHERE n.backup_set_id = $2 AND n.sha256 <> o.sha256 LIMIT 1`,
      sets,
    );
    const reread = await documented({ since_set_id: sets[0] });
    expect(reread.text.match(/class="mark changed"/g) ?? []).toHaveLength(counts.changed - 1);
    expect(reread.text.match(/class="mark added"/g)).toHaveLength(1);

    const markdown = await documented({ format: "markdown", policy_type: "deviceManagementScript" });
    const scripts = items.filter(({ policy_type }) => policy_type === "deviceManagementScript");
    expect(markdown.text.match(/^### /gm)).toHaveLength(scripts.length);
    const csv = await documented({ format: "csv", search: items[0]?.display_name ?? "" });
    expect(csv.text).toContain(items[0]?.graph_id ?? "nothing");
    const { items: entries } = await listAuditLog(world.tenant.actors.readonly, world.tenant.id, {
      action: "set.documented",
    });
    expect(entries.map(({ details }) => details.format)).toEqual(["csv", "markdown", "html", "html"]);
  });

  test("counts on its cover what it tells, and of how many", async () => {
    const { items } = await listBackupItems(world.tenant.actors.readonly, world.tenant.id, {
      set_id: sets[1] ?? 0,
      limit: 200,
    });
    const policy_type = "deviceManagementScript";
    const scripts = items.filter((item) => item.policy_type === policy_type).length;
    expect(scripts).toBeGreaterThan(0);
    const told = "<dt>Policies and foundations</dt>";
    expect((await documented({})).text).toContain(`${told}<dd>${items.length}</dd>`);
    expect((await documented({ policy_type })).text).toContain(
      `${told}<dd>${scripts} of ${items.length}</dd>`,
    );
    const nothing = { search: "nothing is called so", format: "markdown" };
    expect((await documented(nothing)).text).toContain(`\n- 0 of ${items.length} policies and foundations\n`);
  });

  test("calls nothing added of a type that the other set did not capture", async () => {
    const { id, actors } = world.tenant;
    const narrow = await makeSchedule(actors.manager, id, { policy_types: ["deviceManagementScript"] });
    const html = await documented({ since_set_id: await makeSet(world.tenant, narrow.id) });
    expect(html.text).not.toContain('class="mark added"');
    expect(html.text).not.toContain('class="mark changed"');
  });

  test("is for who may export, and of one's own tenant alone", async () => {
    const { tenant, foreign } = world;
    const input = { set_id: sets[1] ?? 0 };
    await expect(documentSet(tenant.actors.operator, tenant.id, input)).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(documentSet(foreign.actors.owner, foreign.id, input)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("has settings catalog policies as the portal imports them", async () => {
    const { tenant } = world;
    const { items } = await listBackupItems(tenant.actors.readonly, tenant.id, {
      set_id: sets[1] ?? 0,
      limit: 200,
    });
    const of = (type: string) => items.find(({ policy_type }) => policy_type === type)?.id ?? 0;
    const file = await portalJson(tenant.actors.manager, tenant.id, {
      set_id: sets[1] ?? 0,
      item_id: of("settingsCatalogPolicy"),
    });
    const policy = JSON.parse(await text(file.stream)) as { settings: { id: string }[] } & Record<
      string,
      unknown
    >;
    expect(policy).toMatchObject({
      name: expect.any(String),
      platforms: expect.any(String),
      settingCount: policy.settings.length,
    });
    expect(policy).not.toHaveProperty("assignments");
    expect(policy.settings.map(({ id }) => id)).toEqual(policy.settings.map((_, at) => String(at)));
    await expect(
      portalJson(tenant.actors.manager, tenant.id, {
        set_id: sets[1] ?? 0,
        item_id: of("conditionalAccessPolicy"),
      }),
    ).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  });

  test("says where it cannot tell what changed, and has the damage looked into", async () => {
    const since_set_id = sets[0];
    await behindTheGuards(world.admin, "DELETE FROM rereadings");
    const earlier = `SELECT o.sha256 FROM backup_items n
      JOIN backup_items o ON o.backup_set_id = $1 AND o.policy_type = n.policy_type AND o.graph_id = n.graph_id
      WHERE n.backup_set_id = $2 AND n.sha256 <> o.sha256`;
    const damage = `UPDATE snapshots SET content = 'damaged' WHERE sha256 IN (${earlier})`;
    const damaged = await behindTheGuards(world.admin, damage, sets);
    expect(damaged).toBeGreaterThan(0);
    const unknown = "the stored copy of the earlier version is damaged";
    for (const format of ["html", "markdown"])
      expect((await documented({ since_set_id, format })).text, format).toContain(unknown);
    expect((await documented({ since_set_id, format: "csv" })).text).toMatch(/,changed,damaged or missing/);
    expect((await documented({})).text).not.toContain(unknown);
    const { rowCount } = await world.admin.query("SELECT FROM damaged_snapshots WHERE healed_at IS NULL");
    expect(rowCount).toBe(damaged);
  });

  test("breaks off where its set, or the one that it tells changes since, is purged meanwhile", async () => {
    const { id, actors } = world.tenant;
    const [older = 0, newer = 0] = sets;
    const files = [
      await documentSet(actors.manager, id, { set_id: older }),
      await documentSet(actors.manager, id, { set_id: newer, since_set_id: older }),
    ];
    await removeSet(actors.manager, id, { set_id: older });
    expect((await purgeBin(retentionActor, id, { older_than_days: 0 })).purged).toEqual([older]);
    for (const { stream } of files) await expect(text(stream)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
