import { beforeEach, describe, expect, test, vi } from "vitest";
import { withWorld } from "#lib/testing/world";
import { networkOf } from "./network.ts";
import { verifyPassword } from "./passwords.ts";
import { signIn } from "./sign-in.ts";

vi.mock("./passwords.ts", { spy: true });

const world = withWorld({ policies: 1 });
const email = "owner@tenant1.example";
const password = "correct horse battery staple";

const own = "198.51.100.7";
/** Addresses of as many networks. */
const elsewhere = (network: number) => `10.${network >> 8}.${network & 255}.9`;

beforeEach(async () => {
  await world.admin.query("DELETE FROM sign_in_attempts");
  vi.mocked(verifyPassword).mockClear();
});

/** What becomes of an attempt: `in`, `wrong`, or the code with which it was refused. */
async function attempt(client: string | null, typed = "wrong", address = email): Promise<string> {
  return signIn({ email: address, password: typed }, client).then(
    (user) => (user ? "in" : "wrong"),
    (error) => error.code,
  );
}

/** How often each answer came. */
function tally(answers: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(answers)].map((answer) => [answer, answers.filter((other) => other === answer).length]),
  );
}

/** Ages what was counted by some minutes. */
function passMinutes(minutes: number) {
  return world.admin.query("UPDATE sign_in_attempts SET expires_at = expires_at - $1 * interval '1 minute'", [
    minutes,
  ]);
}

/** Sets the count of an address from all networks, as many guesses would. */
async function guessedFromEverywhere(): Promise<void> {
  await attempt(elsewhere(1));
  await world.admin.query("UPDATE sign_in_attempts SET attempts = 200 WHERE kind = 'address'");
}

describe("guessing", () => {
  test("in parallel gets no more tries than one after the other", async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => attempt(own)));
    expect(tally(answers)).toEqual({ wrong: 10, TOO_MANY_ATTEMPTS: 490 });
    expect(verifyPassword).toHaveBeenCalledTimes(10);
  });

  test("from an unknown client, and at an address that nobody has, is counted as well", async () => {
    for (let guess = 1; guess <= 10; guess += 1) {
      expect(await attempt(null)).toBe("wrong");
      expect(await attempt(own, "wrong", "nobody@example.com")).toBe("wrong");
    }
    expect(await attempt(null, password)).toBe("TOO_MANY_ATTEMPTS");
    expect(await attempt(own, "wrong", "nobody@example.com")).toBe("TOO_MANY_ATTEMPTS");
  });

  test("ends with the window, and is forgotten after a right password", async () => {
    for (let guess = 1; guess <= 9; guess += 1) await attempt(own);
    expect(await attempt(own, password)).toBe("in");
    for (let guess = 1; guess <= 10; guess += 1) expect(await attempt(own)).toBe("wrong");
    expect(await attempt(own, password)).toBe("TOO_MANY_ATTEMPTS");
    await passMinutes(15);
    expect(await attempt(own, password)).toBe("in");
  });

  test("at many addresses from one network comes to an end, and what is refused counts nowhere", async () => {
    await attempt(own, "wrong", "somebody@example.com");
    await world.admin.query("UPDATE sign_in_attempts SET attempts = 100 WHERE kind = 'network'");
    expect(await attempt("198.51.100.200")).toBe("TOO_MANY_ATTEMPTS");
    expect(await attempt(elsewhere(1), password)).toBe("in");
    const { rows } = await world.admin.query(
      "SELECT attempts FROM sign_in_attempts WHERE kind = 'pair' ORDER BY attempts",
    );
    expect(rows).toEqual([{ attempts: 1 }]);
  });
});

describe("a person whose password others guess", () => {
  test("signs in from another network", async () => {
    for (let guess = 1; guess <= 12; guess += 1) await attempt(elsewhere(1));
    expect(await attempt(elsewhere(1), password)).toBe("TOO_MANY_ATTEMPTS");
    expect(await attempt(own, password)).toBe("in");
  });

  test("signs in from a network they know even while guesses come from everywhere", async () => {
    expect(await attempt(own, password)).toBe("in");
    await guessedFromEverywhere();
    expect(await attempt(elsewhere(2), password)).toBe("TOO_MANY_ATTEMPTS");
    expect(await attempt("198.51.100.99", password)).toBe("in");
    await passMinutes(60);
    expect(await attempt(elsewhere(2), password)).toBe("in");
  });

  test("does not lend the known network to the guessers' count", async () => {
    await attempt(own, password);
    await guessedFromEverywhere();
    for (let time = 1; time <= 3; time += 1) await attempt(own, password);
    const { rows } = await world.admin.query("SELECT attempts FROM sign_in_attempts WHERE kind = 'address'");
    expect(rows).toEqual([{ attempts: 200 }]);
  });
});

test("what is over is removed by those who come later", async () => {
  for (let network = 1; network <= 8; network += 1) await attempt(elsewhere(network));
  await passMinutes(61);
  await attempt(own);
  await attempt(own);
  const { rows } = await world.admin.query("SELECT count(*)::int AS kept FROM sign_in_attempts");
  expect(rows).toEqual([{ kept: 3 }]);
});

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["::ffff:192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:1:2ff:a:b:c:d", "2001:db8:1:200::/56"],
  ["2001:db8::1", "2001:db8:0:0::/56"],
  ["2001:0DB8:0000:00FF::1", "2001:db8:0:0::/56"],
  ["fe80::1%eth0", "fe80:0:0:0::/56"],
  ["::1", "0:0:0:0::/56"],
  ["contoso.example", null],
  ["", null],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
