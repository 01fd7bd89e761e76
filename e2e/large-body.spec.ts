import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("a body of 5 MB gets its 413 over a real connection, not a broken one", async ({ request }) => {
  const { tenant, token } = person("manager");
  const answer = await request.post(`/api/tenants/${tenant.id}/backup-schedules`, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    data: Buffer.from(JSON.stringify({ name: "n".repeat(5_000_000) })),
  });
  expect(answer.status()).toBe(413);
  expect(await answer.json()).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
});
