import tls from "node:tls";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testTuning } from "#lib/testing/graph-server";
import { createSandboxCertificate, type Sandbox, startSandbox } from "#sandbox/server";
import { createGraphClient } from "./client.ts";

const tenant = {
  entraTenantId: "0d1f6a52-5a0c-4a5b-9c38-2f8f3c1f9a01",
  clientId: "1e2f7b63-6b1d-4b6c-8d49-3a9a4d2a0b02",
  clientSecret: "not used here",
};

/** A key with its certificate, as people upload them to an app registration. */
async function keyPair(): Promise<{ pem: string; certificate: string }> {
  const made = await generate([{ name: "commonName", value: "TenantPilot" }], {
    keyType: "rsa",
    keySize: 2048,
  });
  return { pem: `${made.private}\n${made.cert}`, certificate: made.cert };
}

let sandbox: Sandbox;
let registered: { pem: string; certificate: string };
beforeAll(async () => {
  registered = await keyPair();
  const server = await createSandboxCertificate();
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), server.cert]);
  sandbox = await startSandbox({
    tls: server,
    tenants: [{ ...tenant, certificate: registered.certificate, policies: 40 }],
  });
});
afterAll(async () => {
  await sandbox.stop();
  tls.setDefaultCACertificates(tls.getCACertificates("bundled"));
});

function clientWith(pem: string) {
  const { entraTenantId, clientId } = tenant;
  return createGraphClient(
    {
      graphUrl: sandbox.url,
      loginUrl: sandbox.loginUrl,
      entraTenantId,
      clientId,
      credential: { kind: "certificate", pem },
    },
    { signal: new AbortController().signal, tuning: testTuning() },
  );
}

test("a certificate and key in memory sign in, by an assertion that Entra verifies, and read Graph", async () => {
  const client = clientWith(registered.pem);
  expect(await client.roles()).toContain("Policy.Read.All");
  expect(await client.get("policies/authorizationPolicy", "v1.0")).toHaveProperty("id");
});

test("a certificate that is not registered is AUTH_CONFIG, says so, and shows nothing of the key", async () => {
  const other = await keyPair();
  const error = await clientWith(other.pem)
    .roles()
    .catch((reason) => reason);
  expect(error).toMatchObject({ code: "AUTH_CONFIG", aadsts: "AADSTS700027", retryable: false });
  expect(error.message).toContain("the certificate is not the one registered");
  const told = JSON.stringify({ ...error, message: error.message, stack: error.stack });
  expect(told).not.toContain("PRIVATE KEY");
  expect(told).not.toContain(other.pem.split("\n")[1]);
});

test("the registered certificate with another key is refused", async () => {
  const other = await keyPair();
  const key = other.pem.slice(0, other.pem.indexOf("-----BEGIN CERTIFICATE"));
  const error = await clientWith(`${key}\n${registered.certificate}`)
    .roles()
    .catch((reason) => reason);
  expect(error).toMatchObject({ code: "AUTH_CONFIG" });
});
