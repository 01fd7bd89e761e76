import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { firstDutyOf, usesPassword } from "./sign-in-rules.ts";

beforeEach(() => vi.stubEnv("DATABASE_URL", "postgresql://nowhere.example"));
afterEach(() => vi.unstubAllEnvs());

const person = {
  password_is_initial: false,
  is_platform_admin: false,
  has_second_factor: false,
  proof: "password",
};
const administrator = { ...person, is_platform_admin: true };

describe("what somebody has to do first", () => {
  test.each([
    ["", null, null],
    ["off", null, null],
    ["administrators", null, "set_up_second_factor"],
    ["all", "set_up_second_factor", "set_up_second_factor"],
  ])("with REQUIRE_TOTP=%s", (setting, ofPerson, ofAdministrator) => {
    vi.stubEnv("REQUIRE_TOTP", setting);
    expect(firstDutyOf(person)).toBe(ofPerson);
    expect(firstDutyOf(administrator)).toBe(ofAdministrator);
    for (const each of [person, administrator]) {
      expect(firstDutyOf({ ...each, has_second_factor: true })).toBeNull();
      expect(firstDutyOf({ ...each, proof: "entra" })).toBeNull();
      expect(firstDutyOf({ ...each, password_is_initial: true })).toBe("choose_password");
    }
  });

  test("is asked of accounts for emergencies, too", () => {
    vi.stubEnv("REQUIRE_TOTP", "all");
    vi.stubEnv("LOCAL_PASSWORDS", "off");
    vi.stubEnv("BREAK_GLASS_EMAILS", "glass@contoso.example");
    expect(firstDutyOf(administrator)).toBe("set_up_second_factor");
    const glass = { email: "glass@contoso.example", has_password: true };
    expect(usesPassword(glass)).toBe(true);
    expect(usesPassword({ ...glass, has_password: false })).toBe(false);
    expect(usesPassword({ ...glass, email: "ada@contoso.example" })).toBe(false);
  });
});
