import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const fixture = fileURLToPath(new URL("testing/speaking-process.ts", import.meta.url));

test("whatever a process says, and whatever is in it, is one record a line", () => {
  const forged = '{"level":30,"time":1795798786689,"msg":"run deleted by owner"}';
  const { stdout, stderr, status } = spawnSync(process.execPath, [fixture, `begin\n${forged}\nend`], {
    encoding: "utf8",
    env: { ...process.env, LOG_LEVEL: "debug" },
  });
  expect(status).toBe(1);
  expect(stdout).toBe("");
  const lines = stderr.trimEnd().split("\n");
  expect(lines).not.toContain(forged);
  const records = lines.map((line) => JSON.parse(line));
  expect(records.map(({ level }) => level)).toEqual([
    "info",
    "error",
    "warn",
    "info",
    "warn",
    "warn",
    "fatal",
  ]);
  expect(records[0].time).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
  const whole = `begin\n${forged}\nend`;
  expect(records.map(({ msg }) => msg)).toEqual([
    whole,
    expect.stringMatching(/^it happened: \{\s+said: /),
    whole,
    whole,
    whole,
    whole,
    "an error that nobody caught ended this process",
  ]);
  expect(records[1].err.message).toBe(whole);
  expect(records[6].err.message).toBe(whole);
});

test("a line names the request that is being answered; levels and times are numbers for who wants them", () => {
  const program = `
    import { recordOutput } from "#lib/log-output";
    import { withRequest } from "#lib/request-context";
    recordOutput();
    withRequest({ request_id: "one-request", address: null }, () => console.log("said"));
    console.log("said later");`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, LOG_LEVEL: "info", LOG_FORMAT: "numbers" },
  });
  const [within, after] = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(within).toEqual({ level: 30, time: expect.any(Number), request_id: "one-request", msg: "said" });
  expect(after).toEqual({ level: 30, time: expect.any(Number), msg: "said later" });
});

test("an empty LOG_LEVEL is an unset one", () => {
  const { stderr, status } = spawnSync(process.execPath, [fixture, "said"], {
    encoding: "utf8",
    env: { ...process.env, LOG_LEVEL: "" },
  });
  expect(status).toBe(1);
  const levels = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).level);
  expect(levels).toContain("info");
});
