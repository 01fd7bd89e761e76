import { expect, test } from "vitest";
import { approvalWantedBy } from "./approval.ts";

const code = "aabb1234-5678-4012-abcd-ef0123456789";
const named = { "x-msft-approval-code": code };
const said = (message: string, errorCode = "Forbidden") => ({ error: { code: errorCode, message } });
const inside = (message: string) => said(JSON.stringify({ _version: 3, Message: message }), "BadRequest");
const header = "Header 'x-msft-approval-justification' is required to request approval";
const scopes =
  "Application must have one of the following scopes: DeviceManagementRBAC.ReadWrite.All - Url: https://fef.example/deviceManagement/operationApprovalRequests";

test.each([
  ["412 with a code", 412, named, undefined, code],
  ["412 without one: another precondition", 412, {}, said("The etag does not match."), undefined],
  ["403 that says so, with a code", 403, named, said("Approval Required.", "ApprovalRequired"), code],
  [
    "403 that has the code in its words",
    403,
    {},
    said(`Approval Required. x-msft-approval-code: ${code}`, "ApprovalRequired"),
    code,
  ],
  ["403 without a code", 403, {}, said("The operation requires Multi Admin Approval."), null],
  ["403 for want of the header", 403, {}, said(header), null],
  ["400 for want of the header, as Intune wraps it", 400, {}, inside(header), null],
  ["403 for want of a permission", 403, {}, said(scopes), undefined],
  ["400 for a property", 400, {}, inside("The property approvalType cannot be changed."), undefined],
  [
    "400 that names a policy of such a name",
    400,
    {},
    inside("There is a policy named Multi Admin Approval."),
    undefined,
  ],
  [
    "400 that quotes a policy of such a name",
    400,
    {},
    inside("A policy named 'Approval required – apps' already exists."),
    undefined,
  ],
  [
    "403 that has the code in JSON",
    403,
    {},
    inside(JSON.stringify({ Message: "Approval Required.", "x-msft-approval-code": code })),
    code,
  ],
  ["403 without a body", 403, {}, undefined, undefined],
  ["500, whatever it says", 500, named, said("Approval Required."), undefined],
])("%s", (_, status, headers, body, wanted) => {
  expect(approvalWantedBy(status, headers, body)).toBe(wanted);
});
