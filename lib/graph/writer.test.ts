import { expect, test } from "vitest";
import { startGraphTestServer, testTuning } from "#lib/testing/graph-server";
import { createGraphWriter } from "./writer.ts";

test("why something is written is sent in base64 of UTF-8: a header takes no other letters", async () => {
  await using server = await startGraphTestServer();
  server.reply(() => ({ status: 204 }));
  const { signal } = new AbortController();
  const writer = createGraphWriter(server.connection, { signal, tuning: testTuning() });
  await writer.send({
    method: "PATCH",
    version: "beta",
    path: "deviceManagement/deviceCategories/c",
    body: JSON.stringify({ description: "x" }),
    justification: "Größe 財務",
    makesSomething: false,
  });
  expect(server.requests.map(({ path, justification }) => [path, justification])).toEqual([
    ["deviceManagement/deviceCategories/c", "R3LDtsOfZSDosqHli5k="],
  ]);
});
