import { expect, it } from "vitest";
import { type LicensedPackage, licenseFaults, productionPackages } from "./licenses.ts";

it("every package of an installation has a license that somebody has agreed to", async () => {
  const packages = await productionPackages();
  expect(packages.length).toBeGreaterThan(200);
  expect(licenseFaults(packages)).toEqual([]);
});

it("finds what nobody has agreed to, and exceptions that have lost their reason", async () => {
  const packages = await productionPackages();
  const added = (license: string, name = "new-package"): LicensedPackage => ({
    name,
    version: "1.0.0",
    license,
  });
  const faultsOf = (...more: LicensedPackage[]) => licenseFaults([...packages, ...more]);
  expect(faultsOf(added("AGPL-3.0-only"))).toEqual(["new-package 1.0.0: AGPL-3.0-only"]);
  expect(faultsOf(added("MIT AND GPL-2.0-only"))).toHaveLength(1);
  expect(faultsOf(added("none declared"))).toHaveLength(1);
  expect(faultsOf(added("LGPL-3.0-or-later"))).toHaveLength(1);
  expect(faultsOf(added("AGPL-3.0-only", "@img/sharp-libvips-linux-x64"))).toHaveLength(1);
  expect(faultsOf(added("(MIT OR GPL-3.0-only)"), added("MIT AND ISC"))).toEqual([]);
  expect(licenseFaults(packages.filter(({ name }) => name !== "elkjs"))).toEqual([
    "No package needs the exception /^elkjs$/: EPL-2.0",
  ]);
});
