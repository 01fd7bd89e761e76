import spectral, { type RulesetDefinition } from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { expect, test } from "vitest";
import { openApiDocument } from "#lib/http/openapi";
import { served } from "./served.ts";

/** Rules of spectral:oas that do not fit, and why. */
const passedOver = {
  // Who to ask, and under which license, is the business of whoever runs an installation.
  "info-contact": "off",
  "info-license": "off",
  "license-url": "off",
  // They stand in the order in which a reader needs them.
  "openapi-tags-alphabetical": "off",
} as const;

/** The findings in a document, by all of Spectral's rules for OpenAPI but those. */
async function findingsIn(document: object): Promise<string[]> {
  const linter = new spectral.Spectral();
  // Its types know no rulesets without `extends`, such as its own.
  const openApi = rulesets.oas as unknown as RulesetDefinition;
  linter.setRuleset({ extends: [[openApi, "all"]], rules: passedOver });
  const findings = await linter.run(JSON.parse(JSON.stringify(document)));
  return findings.map(({ code, path, message }) => `${code} at ${path.join(".")}: ${message}`);
}

test("Spectral finds nothing in the description", async () => {
  expect(await findingsIn(openApiDocument(await served()))).toEqual([]);
}, 120_000);

test("and it does look: without descriptions of tags it says so", async () => {
  const findings = await findingsIn({ ...openApiDocument([]), tags: [{ name: "Runs" }] });
  expect(findings).toContainEqual(expect.stringContaining("tag-description at tags.0"));
});
