import { expect, test } from "vitest";
import {
  durationInWords,
  enumValue,
  instantInWords,
  isRawId,
  numberInWords,
  propertyName,
  referenceName,
  typeName,
} from "./humanize.ts";

test("property names are said as people say them", () => {
  const said = Object.fromEntries(
    [
      "passwordMinimumLength",
      "bitLockerEnabled",
      "osMinimumVersion",
      "iCloudBlockBackup",
      "deadlineForQualityUpdatesInDays",
      "passwordMinutesOfInactivityBeforeLock",
      "allowWindows11Upgrade",
      "wiFiBlockAutomaticConnectHotspots",
      "TLSVersion",
      "homepageURLs",
      "kernelDmaProtectionEnabled",
      "isOrganizationDefault",
      "isolateApps",
      "tokenExpirationDateTime",
      "iosOnboarded",
      "macEnabled",
      "configureWifi",
      "runAs32Bit",
      "androidForWorkRestriction",
    ].map((property) => [property, propertyName(property)]),
  );
  expect(said).toEqual({
    passwordMinimumLength: "Password minimum length",
    bitLockerEnabled: "BitLocker enabled",
    osMinimumVersion: "OS minimum version",
    iCloudBlockBackup: "iCloud block backup",
    deadlineForQualityUpdatesInDays: "Deadline for quality updates",
    passwordMinutesOfInactivityBeforeLock: "Password minutes of inactivity before lock",
    allowWindows11Upgrade: "Allow Windows 11 upgrade",
    wiFiBlockAutomaticConnectHotspots: "Wi-Fi block automatic connect hotspots",
    TLSVersion: "TLS version",
    homepageURLs: "Homepage URLs",
    kernelDmaProtectionEnabled: "Kernel DMA protection enabled",
    isOrganizationDefault: "Organization default",
    isolateApps: "Isolate apps",
    tokenExpirationDateTime: "Token expiration date",
    iosOnboarded: "iOS onboarded",
    macEnabled: "Mac enabled",
    configureWifi: "Configure Wi-Fi",
    runAs32Bit: "Run as 32-bit",
    androidForWorkRestriction: "Android for Work restriction",
  });
  expect(typeName("#microsoft.graph.windows10CompliancePolicy")).toBe("Windows 10 compliance policy");
  expect(typeName("#microsoft.graph.windows81CompliancePolicy")).toBe("Windows 8.1 compliance policy");
  expect(typeName("#microsoft.graph.windowsPhone81CompliancePolicy")).toBe("Windows Phone 8.1 compliance policy");
  expect(referenceName("roleDefinitionId")).toBe("Role definition");
  expect(referenceName("policyIds")).toBe("Policies");
  expect(enumValue("x509CertificateMultiFactor")).toBe("X.509 certificate multifactor");
  expect(enumValue("windowsHelloForBusiness")).toBe("Windows Hello for Business");
  expect(typeName("macOSCustomConfiguration")).toBe("macOS custom configuration");
});

test("values carry their units, durations and instants are said in words", () => {
  expect(enumValue("notConfigured")).toBe("Not configured");
  expect(enumValue("mdm,microsoftSense")).toBe("MDM, Microsoft Defender for Endpoint");
  expect(numberInWords(1, "deadlineGracePeriodInDays", "")).toBe("1 day");
  expect(numberInWords(15, "passwordMinutesOfInactivityBeforeLock", "")).toBe("15 minutes");
  expect(numberInWords(50, "maximumSizeInMB", "")).toBe("50 MB");
  expect(numberInWords(30, "snooze", "Number of days a user can snooze.")).toBe("30 days");
  expect(numberInWords(8, "passwordMinimumLength", "Minimum password length.")).toBe("8");
  // Which of several units it is, another property says.
  expect(numberInWords(4, "value", "The number of days or hours.")).toBe("4");
  expect(numberInWords(2, "interval", "Units can be in days, weeks, months, or years.")).toBe("2");
  expect(durationInWords("PT1H30M")).toBe("1 hour 30 minutes");
  expect(durationInWords("P90D")).toBe("90 days");
  expect(durationInWords("PT0S")).toBe("0 seconds");
  expect(durationInWords("Password")).toBeNull();
  expect(instantInWords("2026-05-13T10:53:01.55Z")).toBe("2026-05-13 10:53 UTC");
});

test("ids that mean nothing to people are told apart from texts", () => {
  expect(isRawId("4b8c0d3e-27f1-4a59-9c6b-1d2e3f405162")).toBe(true);
  expect(isRawId("device_vendor_msft_policy_config_browser_allowlocation_1")).toBe(true);
  expect(isRawId("Contoso – all devices")).toBe(false);
  expect(isRawId("com.microsoft.edge")).toBe(false);
});
