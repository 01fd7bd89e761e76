import { resolve } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseStartOptions } from "./options.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the options of npm start", () => {
  it("default to port 3000 and .data", () => {
    vi.stubEnv("PORT", undefined);
    vi.stubEnv("HOST", undefined);
    expect(parseStartOptions([])).toEqual({
      port: 3000,
      host: "127.0.0.1",
      dataDir: resolve(".data"),
      demo: false,
    });
  });

  it("default to the same where the environment has them empty", () => {
    vi.stubEnv("PORT", "");
    vi.stubEnv("HOST", "");
    expect(parseStartOptions([])).toMatchObject({ port: 3000, host: "127.0.0.1" });
  });

  it("are read in both spellings", () => {
    const expected = { port: 4000, host: "::1", dataDir: "/srv/tenantpilot", demo: true };
    expect(
      parseStartOptions(["--port", "4000", "--host", "::1", "--data-dir", "/srv/tenantpilot", "--demo"]),
    ).toEqual(expected);
    expect(parseStartOptions(["--port=4000", "--host=::1", "--data-dir=/srv/tenantpilot", "--demo"])).toEqual(
      expected,
    );
  });

  it.each(["99999", "http", "-1", "3000.5", ""])("refuse the port %j", (port) => {
    expect(() => parseStartOptions([`--port=${port}`])).toThrow("--port wants a number up to 65535");
  });

  it("refuse what they do not know", () => {
    expect(() => parseStartOptions(["--prot", "4000"])).toThrow("--prot");
  });
});
