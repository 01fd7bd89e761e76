"use client";

import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** A short text as it is, with a button that copies it. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: "0.25rem" }}>
      <code className="tp-mono">{text}</code>
      <ActionIcon
        className="tp-no-print"
        variant="subtle"
        color="gray"
        size={24}
        aria-label={`Copy ${label}`}
        title={clipboard.copied ? "Copied" : `Copy ${label}`}
        onClick={() => clipboard.copy(text)}
      >
        {clipboard.copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </ActionIcon>
      <span role="status" style={{ position: "absolute", clipPath: "inset(50%)" }}>
        {clipboard.copied ? "Copied" : ""}
      </span>
    </span>
  );
}
