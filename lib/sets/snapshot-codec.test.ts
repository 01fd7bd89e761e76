import { createHash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { dictionary1 } from "./dictionary-1.ts";
import { damageOf, decodeSnapshot, encodeSnapshot, provenDocument } from "./snapshot-codec.ts";

const document = Buffer.from(
  JSON.stringify({
    "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
    assignments: [{ target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }],
    displayName: "Win - Compliance - ä€",
    passwordRequired: true,
  }),
);
const sha256 = createHash("sha256").update(document).digest("hex");

test("what was stored with a dictionary can be read only with the same bytes: it never changes", () => {
  expect(dictionary1.byteLength).toBe(49_152);
  expect(createHash("sha256").update(dictionary1).digest("hex")).toBe(
    "8aaea661f2c2474b8425f33fa2f0d1982eec5b5b8ea9bf2f5bfb7b9b38f0e743",
  );
});

test("snapshots of every encoding that there ever was give their document", async () => {
  const stored = [
    await encodeSnapshot(document),
    { encoding: "zstd", content: zstdCompressSync(document) },
    // Bytes as this version wrote them: a later one has to read them.
    {
      encoding: "zstd-1",
      content: Buffer.from(
        "xEjo0ii1L/0jh5urPtYdAQBoLSDDpOKCrCJ0cnVlfQbwMGJ6xrbDoivaG5QS1J4zsTyRGw==",
        "base64",
      ),
    },
    { encoding: "plain", content: document },
  ];
  for (const { encoding, content } of stored) {
    expect(Buffer.from(await decodeSnapshot(encoding, content)).toString()).toBe(document.toString());
    expect(await provenDocument({ sha256, encoding, content: new Uint8Array(content) })).not.toBeNull();
  }
  await expect(decodeSnapshot("zstd-2", document)).rejects.toThrow("Unknown snapshot encoding: zstd-2");
  const [written, alone] = stored;
  expect(written?.content.byteLength).toBeLessThan(0.6 * (alone?.content.byteLength ?? 0));
});

test("a large document is compressed as well", async () => {
  const large = Buffer.from(JSON.stringify(Array.from({ length: 40_000 }, (_, n) => n)));
  expect(large.byteLength).toBeLessThan(256 * 1024);
  const larger = Buffer.concat([large, large]);
  const { encoding, content } = await encodeSnapshot(larger);
  expect(Buffer.compare(await decodeSnapshot(encoding, content), larger)).toBe(0);
});

test("no flipped bit passes, nor another encoding than the bytes are of", async () => {
  const { encoding, content } = await encodeSnapshot(document);
  const stored = { sha256, encoding, bytes_logical: document.byteLength, bytes_stored: content.byteLength };
  expect(await damageOf({ ...stored, content })).toBeNull();
  for (let bit = 0; bit < content.byteLength * 8; bit += 1) {
    const flipped = new Uint8Array(content);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(await damageOf({ ...stored, content: flipped }), `bit ${bit}`).toBe(
      "its bytes cannot be decompressed",
    );
  }
  expect(await damageOf({ ...stored, content: new Uint8Array(3) })).toBe("its bytes cannot be decompressed");
  expect(await damageOf({ ...stored, encoding: "zstd", content })).toBe("its bytes cannot be decompressed");
});
