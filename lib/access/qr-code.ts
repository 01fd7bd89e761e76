import encodeQr from "qr";
import { z } from "zod";

/** A QR code as a drawing: a square of `size` modules, of which the path covers the dark ones. */
export const qrCodeView = z.strictObject({ size: z.int(), path: z.string() });
export type QrCode = z.infer<typeof qrCodeView>;

/** Four modules of quiet zone (ISO/IEC 18004): without them a camera does not find it on a dark page. */
const border = 4;

/** The QR code of a text, with the margin that readers want. */
export function qrCode(text: string): QrCode {
  const rows = encodeQr(text, "raw", { border });
  const path = rows.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark && !row[x - 1] ? [`M${x} ${y}h${darkFrom(row, x)}v1H${x}z`] : [])),
  );
  return { size: rows.length, path: path.join("") };
}

/** How many dark modules stand beside each other from one on. */
function darkFrom(row: readonly boolean[], from: number): number {
  const end = row.indexOf(false, from);
  return (end === -1 ? row.length : end) - from;
}
