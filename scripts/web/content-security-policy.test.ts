import { expect, test } from "vitest";
import { contentSecurityPolicy } from "./content-security-policy.ts";

test("runs what carries the answer's nonce, and nothing else", () => {
  const policy = new Map(
    contentSecurityPolicy("cmFuZG9t")
      .split("; ")
      .map((directive) => {
        const [name = "", ...sources] = directive.split(" ");
        return [name, sources.join(" ")];
      }),
  );
  expect(policy.get("script-src")).toBe("'self' 'nonce-cmFuZG9t' 'strict-dynamic'");
  expect(policy.get("default-src")).toBe("'self'");
  // A <base> that somebody smuggles in would lead every relative address of the page elsewhere.
  for (const nothing of ["object-src", "base-uri", "frame-ancestors"])
    expect(policy.get(nothing), nothing).toBe("'none'");
  expect([...policy.values()].join(" ")).not.toMatch(/unsafe-eval|https?:|\*/);
});
