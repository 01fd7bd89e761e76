// node scripts/testing/make-tenants.ts: fills the database at DATABASE_URL with the tenants of tests, once a test run;
// its own process, because the settings that it needs are not those of the one that runs the tests.
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { makeTestTenants } from "#lib/testing/tenants";

const admin = new pg.Pool({ connectionString: process.env.TENANTPILOT_TEST_ADMIN_URL, max: 1 });
await makeTestTenants(admin);
await admin.end();
await stopProducer();
await disconnect();
