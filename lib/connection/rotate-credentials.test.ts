import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sealSecret } from "#lib/access/second-step";
import { transaction } from "#lib/db/transaction";
import { openSecrets, sealSecrets } from "#lib/restore/rows";
import { saveWriteConnection } from "#lib/restore/write-connection";
import { isSealedWithCurrentKey, openCredential, sealCredential } from "#lib/sealed-credential";
import { withWorld } from "#lib/testing/world";
import { getConnection, saveConnection, testConnection } from "./connection.ts";
import { rotateCredentials } from "./rotate-credentials.ts";
import { openWriteConnection, restoreItemFields } from "./write-credential.ts";

const world = withWorld({ policies: 1 });

const field = "connection.credential";
const made = () => randomBytes(32).toString("base64");

/** What TenantPilot stored for tenant 1 before there were key ids, with this key. */
const old = {
  key: Buffer.alloc(32, "k").toString("base64"),
  sealed: Buffer.from(
    "AfUXM0PozDiS4dIvGv0Up1sg5Go60xNuxkajxF2WT3hnWFwkP1dC8iROnqQc2kl+8tn8+mZeXAYnmNDpbS5x2Gv7IGg=",
    "base64",
  ),
  plain: "a secret from before there were key ids",
};

afterEach(() => {
  vi.unstubAllEnvs();
});

function useKeys(...keys: string[]) {
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEY", undefined);
  vi.stubEnv("TENANTPILOT_ENCRYPTION_KEYS", keys.join());
}

describe("a sealed credential", () => {
  test("from before there were key ids opens with any of the keys", () => {
    useKeys(made(), old.key);
    expect(openCredential(old.sealed, 1, field)).toBe(old.plain);
    expect(isSealedWithCurrentKey(old.sealed)).toBe(false);
    expect(() => openCredential(old.sealed, 2, field)).toThrow();
    useKeys(made());
    expect(() => openCredential(old.sealed, 1, field)).toThrow();
  });

  test("opens with the key that made it, first or not, and with no other", () => {
    const [first, second] = [made(), made()];
    useKeys(first);
    const sealed = sealCredential("secret", 1, field);
    useKeys(second, first);
    expect(openCredential(sealed, 1, field)).toBe("secret");
    expect(isSealedWithCurrentKey(sealed)).toBe(false);
    const anew = sealCredential("secret", 1, field);
    useKeys(second);
    expect(openCredential(anew, 1, field)).toBe("secret");
    expect(() => openCredential(sealed, 1, field)).toThrow(/a key that is not here/);
  });
});

/** As what is stored of the authenticator app of user 1. */
async function keepSecret(sealed: Uint8Array): Promise<void> {
  await world.admin.query(
    `INSERT INTO second_factors (user_id, secret_ciphertext, confirmed_at) VALUES (1, $1, now())
     ON CONFLICT (user_id) DO UPDATE SET secret_ciphertext = excluded.secret_ciphertext`,
    [Buffer.from(sealed)],
  );
}

/** An item of a restore of the tenant, with what it keeps sealed. */
async function keepRestoreItem(secrets: Uint8Array, tenantId: number): Promise<void> {
  const approval = sealCredential("the bytes to send again", tenantId, restoreItemFields.approval);
  await world.admin.query(
    `WITH restore AS (
       INSERT INTO restores (tenant_id, source_tenant_id, source_tenant_name, source_set_id, source_set_created_at, status, created_by_name)
       VALUES ($1, $1, 'itself', 1, now(), 'planned', 'Owner') RETURNING id)
     INSERT INTO restore_items (tenant_id, restore_id, policy_type, graph_id, display_name, source_sha256, source_encoding,
       source_content, secrets_ciphertext, approval_ciphertext)
     SELECT $1, id, 'deviceConfiguration', 'one', 'One', repeat('0', 64), 'identity', '\\x', $2, $3 FROM restore`,
    [tenantId, Buffer.from(secrets), Buffer.from(approval)],
  );
}

describe("rotation", () => {
  const first = process.env.TENANTPILOT_ENCRYPTION_KEY ?? "";

  beforeEach(async () => {
    for (const { id, actors, sandbox } of [world.tenant, world.foreign]) {
      await saveConnection(actors.owner, id, {
        cloud: "sandbox",
        entra_tenant_id: sandbox.entraTenantId,
        client_id: sandbox.clientId,
        credential_kind: "secret",
        credential: sandbox.clientSecret,
      });
    }
  });

  test("moves every tenant to the first key, after which the old one is needed no more", async () => {
    const { id, actors } = world.tenant;
    await testConnection(actors.owner, id, {});
    const before = await getConnection(actors.owner, id, {});
    await keepSecret(sealSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1));
    const second = made();
    useKeys(second, first);
    expect(await rotateCredentials()).toEqual({
      reencrypted: 3,
      current: 0,
      unreadable: [],
      unreadable_people: [],
      unreadable_targets: [],
    });
    expect(await rotateCredentials()).toMatchObject({ reencrypted: 0, current: 3, unreadable: [] });
    useKeys(second);
    const stored = await world.admin.query("SELECT secret_ciphertext AS sealed FROM second_factors");
    const opened = openCredential(stored.rows[0].sealed, 1, "second_factor.secret");
    expect(opened).toBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    // Of nobody else, and nothing else.
    expect(() => openCredential(stored.rows[0].sealed, 2, "second_factor.secret")).toThrow();
    expect(() => openCredential(stored.rows[0].sealed, 1, field)).toThrow();
    expect(await testConnection(world.foreign.actors.owner, world.foreign.id, {})).toMatchObject({
      ok: true,
    });
    // Nothing else changed: what the last test found stays good.
    expect(await getConnection(actors.owner, id, {})).toEqual(before);
    const { rows } = await world.admin.query(
      "SELECT actor_name, details FROM audit_log WHERE action = 'connection.reencrypted' ORDER BY tenant_id",
    );
    expect(rows).toEqual([
      { actor_name: "key rotation", details: {} },
      { actor_name: "key rotation", details: {} },
    ]);
  });

  test("moves rows from before there were key ids", async () => {
    await world.admin.query("UPDATE connections SET credential_ciphertext = $1 WHERE tenant_id = $2", [
      old.sealed,
      1,
    ]);
    await world.admin.query("DELETE FROM second_factors");
    const second = made();
    useKeys(second, first, old.key);
    expect(await rotateCredentials()).toMatchObject({ reencrypted: 2, unreadable: [] });
    useKeys(second);
    const { rows } = await world.admin.query(
      "SELECT credential_ciphertext AS sealed FROM connections WHERE tenant_id = 1",
    );
    expect(openCredential(rows[0].sealed, 1, field)).toBe(old.plain);
  });

  test("moves the connection for writing, and what restores keep sealed", async () => {
    const { id, actors, sandbox } = world.tenant;
    await saveWriteConnection(actors.owner, id, {
      client_id: sandbox.writer?.clientId ?? "",
      credential_kind: "secret",
      credential: "a secret that writes",
    });
    await keepRestoreItem(sealSecrets(new Map([["/passphrase", "a secret of Wi-Fi"]]), id), id);
    const second = made();
    useKeys(second, first);
    expect(await rotateCredentials()).toMatchObject({ reencrypted: 5, unreadable: [] });
    useKeys(second);
    expect(await rotateCredentials()).toMatchObject({ reencrypted: 0, current: 5, unreadable: [] });
    const { rows } = await world.admin.query(
      "SELECT secrets_ciphertext AS secrets, approval_ciphertext AS approval FROM restore_items",
    );
    expect(openSecrets(rows[0].secrets, id)).toEqual(new Map([["/passphrase", "a secret of Wi-Fi"]]));
    expect(openCredential(rows[0].approval, id, restoreItemFields.approval)).toBe("the bytes to send again");
    const opened = await transaction({ as: "app", tenant_id: id }, (db) =>
      openWriteConnection(db, id, new Date()),
    );
    expect(opened?.credential).toEqual({ kind: "secret", secret: "a secret that writes" });
  });

  test("names the tenants whose key is lost, and moves the others", async () => {
    await world.admin.query("UPDATE connections SET credential_ciphertext = $1 WHERE tenant_id = $2", [
      old.sealed,
      world.tenant.id,
    ]);
    await keepSecret(old.sealed);
    const said = await rotateByHand({
      TENANTPILOT_ENCRYPTION_KEY: "",
      TENANTPILOT_ENCRYPTION_KEYS: `${made()},${first}`,
    });
    expect(said.out).toBe("1 credential re-encrypted with the first key; 0 credentials had it already.\n");
    expect(said.err).toMatch(
      new RegExp(
        `^1 credential cannot be opened .* Tenants: ${world.tenant.id}\nThe secrets of .* \\(npm run user:reset\\)\\. Users: 1\n$`,
      ),
    );
    expect(said.code).toBe(1);
  });
});

test("without a usable key, neither rotation nor web begins: one line says why", async () => {
  const environment = {
    TENANTPILOT_ENCRYPTION_KEY: "c2hvcnQ=",
    TENANTPILOT_ENCRYPTION_KEYS: "",
    LOG_LEVEL: "info",
  };
  for (const script of ["rotate-credentials.ts", "web.ts"]) {
    const { code, out, err } = await run(script, environment);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^[^\n]*TENANTPILOT_ENCRYPTION_KEY: must be 32 bytes in base64, not 5;[^\n]*\n$/);
  }
});

const rotateByHand = (environment: Record<string, string>) => run("rotate-credentials.ts", environment);

/** One of scripts/, as a process. */
function run(
  script: string,
  environment: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  const path = (name: string) => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  const args = ["--import", new URL("../../scripts/light-imports.ts", import.meta.url).href, path(script)];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { env: { ...process.env, ...environment } },
      (_error, out, err) => resolve({ code: child.exitCode, out, err }),
    );
  });
}
