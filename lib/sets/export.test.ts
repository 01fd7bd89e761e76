import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import serialize from "canonicalize";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listAuditLog } from "#lib/audit/list";
import { safeFileName } from "#lib/file-names";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { type ExportManifest, exportSet } from "./export.ts";
import { ExportPaths } from "./export-paths.ts";
import { listBackupItems } from "./items.ts";
import type { BackupItemView } from "./schema.ts";
import { getBackupSet } from "./sets.ts";

const run = promisify(execFile);
const hasUnzip = await run("unzip", ["-v"]).then(
  () => true,
  () => false,
);

const world = withWorld({ policies: 90 });
let setId: number;
let items: BackupItemView[];
let folder: string;

beforeAll(async () => {
  const { id, actors } = world.tenant;
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-export-"));
  const schedule = await makeSchedule(actors.manager, id, {
    include_foundations: true,
    policy_types: [
      "settingsCatalogPolicy",
      "deviceConfiguration",
      "deviceManagementScript",
      "conditionalAccessPolicy",
    ],
  });
  setId = await makeSet(world.tenant, schedule.id);
  // Two policies that people called the same, and one that Windows could not store.
  const { rows } = await world.admin.query(
    "SELECT id FROM backup_items WHERE backup_set_id = $1 AND policy_type = 'settingsCatalogPolicy' ORDER BY id LIMIT 3",
    [setId],
  );
  for (const [index, name] of ["Same name", "SAME NAME", "CON: a/b?. "].entries()) {
    await behindTheGuards(world.admin, "UPDATE item_ranges SET display_name = $2 WHERE id = $1", [
      rows[index].id,
      name,
    ]);
  }
  items = (await listBackupItems(actors.readonly, id, { set_id: setId, limit: 200 })).items;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const exported = () => exportSet(world.tenant.actors.manager, world.tenant.id, { set_id: setId });

describe.skipIf(!hasUnzip)("the archive", () => {
  let manifest: ExportManifest;
  let target: string;

  beforeAll(async () => {
    const { stream, filename } = await exported();
    expect(filename).toMatch(/^Tenant 1 Nightly \d{4}-\d\d-\d\d-\d\d-\d\d set \d+\.zip$/);
    const file = join(folder, "export.zip");
    await writeFile(file, await buffer(stream));
    const { stdout } = await run("unzip", ["-t", file], { maxBuffer: 10_000_000 });
    expect(stdout).toContain("No errors detected");
    target = join(folder, "unzipped");
    await run("unzip", ["-q", file, "-d", target]);
    manifest = JSON.parse(await readFile(join(target, "manifest.json"), "utf8"));
  });

  test("of a complete set says that nothing is lacking", () => {
    expect(manifest.set.status).toBe("success");
    expect(manifest.not_captured).toEqual([]);
  });

  test("holds every item once, in IntuneManagement's folders", async () => {
    expect(manifest.missing).toEqual([]);
    const key = (item: { policy_type: string; graph_id: string }) => `${item.policy_type} ${item.graph_id}`;
    expect(manifest.files.map(key).sort()).toEqual(items.map(key).sort());
    const found = (await readdir(target, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    // The manifest, and what the ids stand for.
    expect(found).toHaveLength(items.length + 2);
    const folders = await readdir(target);
    expect(folders).toEqual(
      expect.arrayContaining([
        "SettingsCatalog",
        "DeviceConfiguration",
        "PowerShellScripts",
        "ConditionalAccess",
        "ScopeTags",
      ]),
    );
  });

  test("each file has the hash of the manifest, and its policy the hash of the backup", async () => {
    for (const file of manifest.files) {
      const bytes = await readFile(join(target, file.path));
      expect(createHash("sha256").update(bytes).digest("hex"), file.path).toBe(file.sha256);
      expect(bytes.byteLength).toBe(file.bytes);
      const canonical = serialize(JSON.parse(bytes.toString("utf8"))) ?? "";
      expect(createHash("sha256").update(canonical).digest("hex"), file.path).toBe(file.policy_sha256);
    }
    expect(new Map(manifest.files.map((file) => [file.graph_id, file.policy_sha256]))).toEqual(
      new Map(items.map((item) => [item.graph_id, item.sha256])),
    );
  });

  test("ids.json has what the ids in the policies stand for, under the hash of the manifest", async () => {
    const { ids } = manifest;
    if (!ids || "missing" in ids) throw new Error("there is no ids.json");
    const bytes = await readFile(join(target, ids.path));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(ids.sha256);
    expect(bytes.byteLength).toBe(ids.bytes);
    const document = JSON.parse(bytes.toString("utf8"));
    const canonical = createHash("sha256").update(serialize(document) ?? "");
    expect(canonical.digest("hex")).toBe(ids.names_sha256);
    expect(document).toMatchObject({ format: "tenantpilot-names", unresolved: {} });
    const tag = items.find((item) => item.policy_type === "roleScopeTag" && item.graph_id === "0");
    expect(document.names.roleScopeTag["0"]).toEqual({ name: tag?.display_name });
    expect(Object.keys(document.names.group).length).toBeGreaterThan(5);
  });

  test("makes names safe, and keeps those apart that differ in case only", () => {
    const names = manifest.files
      .filter((file) => /same name/i.test(file.display_name))
      .map((file) => file.path);
    expect(names).toHaveLength(2);
    expect(names[0]).toMatch(/^SettingsCatalog\/same name\.json$/i);
    expect(names[1]).toMatch(/^SettingsCatalog\/same name_[-0-9a-f]{36}\.json$/i);
    expect(manifest.files.map((file) => file.path)).toContain("SettingsCatalog/CON_ a_b_.json");
  });
});

describe("an export", () => {
  test("is for managers, of the own tenant, and audited", async () => {
    const { actors, id } = world.tenant;
    await expect(exportSet(actors.operator, id, { set_id: setId })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const foreign = exportSet(world.foreign.actors.owner, world.foreign.id, { set_id: setId });
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
    await (await exported()).stream.cancel();
    const { items: entries } = await listAuditLog(actors.readonly, id, { action: "set.exported" });
    expect(entries[0]).toMatchObject({ target_id: setId, details: { items: items.length } });
  });

  test("leaves a damaged policy out and says so; the rest is there", async () => {
    const victim = items.find((item) => item.policy_type === "deviceConfiguration");
    await behindTheGuards(
      world.admin,
      "UPDATE snapshots SET content = content || '\\x00' WHERE sha256 = $1",
      [victim?.sha256],
    );
    await behindTheGuards(
      world.admin,
      "UPDATE snapshots SET content = set_byte(content, length(content) / 2, get_byte(content, length(content) / 2) # 1) WHERE sha256 = $1",
      [victim?.sha256],
    );
    const archive = await buffer((await exported()).stream);
    const text = archive.toString("latin1");
    expect(text).not.toContain(`DeviceConfiguration/${safeFileName(victim?.display_name ?? "", "")}.json`);
    expect(text.split("PK\u0003\u0004").length - 1).toBe(items.length - 1 + 2);
  });
});

test.skipIf(!hasUnzip)(
  "an export of a partial set says which types are not in it whole, and what its policies lack",
  async () => {
    const { id, actors, sandbox } = world.tenant;
    const of = world.sandbox.tenant(sandbox.entraTenantId);
    const path = "deviceManagement/configurationPolicies/*/settings";
    const failing = world.sandbox.fault({ path, count: 1, action: { kind: "status", status: 400 } });
    of.setPermissions(["DeviceManagementConfiguration.Read.All"]);
    const schedule = await makeSchedule(actors.manager, id, {
      policy_types: ["settingsCatalogPolicy", "deviceCompliancePolicy", "conditionalAccessPolicy"],
    });
    const set_id = await makeSet(world.tenant, schedule.id);
    failing.remove();
    world.sandbox.reset();
    const { types } = await getBackupSet(actors.readonly, id, { set_id });
    const { items: held } = await listBackupItems(actors.readonly, id, { set_id, limit: 200 });

    const file = join(folder, "partial.zip");
    await writeFile(file, await buffer((await exportSet(actors.manager, id, { set_id })).stream));
    const { stdout } = await run("unzip", ["-p", file, "manifest.json"], { maxBuffer: 10_000_000 });
    const manifest: ExportManifest = JSON.parse(stdout);
    expect(manifest.set.status).toBe("partial");
    const { settingsCatalogPolicy: broken, conditionalAccessPolicy: refused } = types;
    expect(broken?.missing).toHaveLength(1);
    expect(manifest.not_captured).toEqual([
      {
        policy_type: "conditionalAccessPolicy",
        kind: "policy",
        listed: false,
        expected: 0,
        captured: 0,
        failed: 0,
        error_code: "PERMISSION_MISSING",
        error_message: refused?.error_message,
        missing: refused?.missing,
      },
      {
        policy_type: "settingsCatalogPolicy",
        kind: "policy",
        listed: true,
        expected: broken?.expected,
        captured: broken?.captured,
        failed: 1,
        error_code: broken?.error_code,
        error_message: broken?.error_message,
        missing: broken?.missing,
      },
    ]);
    const notes = (all: { graph_id: string; notes: string[] }[]) =>
      new Map(all.map((each) => [each.graph_id, each.notes]));
    expect(notes(manifest.files)).toEqual(notes(held));
    expect(held.some((item) => item.notes.length > 0)).toBe(true);
  },
);

describe("a file name", () => {
  test.each([
    ["Win - OIB - TP - Device Security - U - v3.1", "Win - OIB - TP - Device Security - U - v3.1"],
    ['a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j"],
    ["  . trailing dots... ", "trailing dots"],
    ["NUL", "_NUL"],
    ["com1.json", "_com1.json"],
    ["..", "id-1"],
    ["", "id-1"],
    ["tab\tand\nnewline", "tab_and_newline"],
    ["Größe – 日本語 😀", "Größe – 日本語 😀"],
    ["right\u202eto left", "right_to left"],
    ["x".repeat(500), "x".repeat(120)],
    [`${"x".repeat(119)}😀`, "x".repeat(119)],
  ])("of %j is %j", (text, expected) => {
    expect(safeFileName(text, "id-1")).toBe(expected);
  });

  test("is given once, however many items share it", () => {
    const paths = new ExportPaths();
    const item = { policy_type: "settingsCatalogPolicy", graph_id: "g", display_name: "A" };
    const given = Array.from({ length: 4 }, () => paths.pathOf(item, new TextEncoder().encode("{}")));
    expect(given).toEqual([
      "SettingsCatalog/A.json",
      "SettingsCatalog/A_g.json",
      "SettingsCatalog/A_g_2.json",
      "SettingsCatalog/A_g_3.json",
    ]);
  });

  test("of an OEMConfig app is in the folder that IntuneManagement imports such from", () => {
    const paths = new ExportPaths();
    const item = { policy_type: "managedDeviceAppConfiguration", graph_id: "g", display_name: "A" };
    const path = (document: object) => paths.pathOf(item, new TextEncoder().encode(JSON.stringify(document)));
    expect(path({ appSupportsOemConfig: true })).toBe("AndroidOEMConfig/A.json");
    expect(path({ appSupportsOemConfig: false })).toBe("AppConfigurationManagedDevice/A.json");
    expect(path({})).toBe("AppConfigurationManagedDevice/A_g.json");
  });
});
