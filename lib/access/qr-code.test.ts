import { decodeQR } from "qr/decode.js";
import { expect, test } from "vitest";
import { qrCode } from "./qr-code.ts";
import { keyUri } from "./totp.ts";

/** Paints the path as a browser does: `M x y h n v1 H x z` is a run of dark modules. */
function pixelsOf({ size, path }: ReturnType<typeof qrCode>, scale: number) {
  const width = size * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g))
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++)
      for (let column = Number(x) * scale; column < (Number(x) + Number(run)) * scale; column++)
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
  return { width, height: width, data };
}

test("a QR code says to an app who, for what, and with which secret", () => {
  const uri = keyUri("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "ada+tag@contoso.example");
  const code = qrCode(uri);
  expect(code.path.replaceAll(/M\d+ \d+h\d+v1H\d+z/g, "")).toBe("");
  expect(decodeQR(pixelsOf(code, 4))).toBe(uri);
  const { pathname, searchParams } = new URL(uri);
  expect(decodeURIComponent(pathname)).toMatch(/TenantPilot:ada\+tag@contoso\.example$/);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    issuer: "TenantPilot",
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
});
