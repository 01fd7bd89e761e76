import { assignAll, type WriteRule, writeRule, writing } from "./write-rule.ts";

const update = { permissions: [writing.configuration], assign: assignAll } as const;

export const updateRules = {
  windowsFeatureUpdateProfile: writeRule({
    ...update,
    strip: ["deployableContentDisplayName", "endOfSupportDate"],
    stripOnUpdate: ["installLatestWindows10OnWindows11IneligibleDevice"],
    fixed: ["installLatestWindows10OnWindows11IneligibleDevice"],
    traps: ["Microsoft may refuse a version of Windows whose support ended."],
  }),
  windowsQualityUpdateProfile: writeRule({
    ...update,
    strip: ["releaseDateDisplayName", "deployableContentDisplayName"],
  }),
  windowsDriverUpdateProfile: writeRule({
    ...update,
    strip: ["newUpdates", "inventorySyncStatus", "deviceReporting"],
    stripOnUpdate: ["approvalType"],
    fixed: ["approvalType"],
    traps: ["Approvals of single drivers are not part of the profile."],
  }),
} as const satisfies Record<string, WriteRule>;
