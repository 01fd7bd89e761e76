"use client";

import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Copies a text; `label` says which. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useClipboard({ timeout: 2000 });
  return (
    <CopyIcon
      copied={copied}
      className="tp-no-print"
      c="dimmed"
      aria-label={copied ? "Copied" : label}
      title={label}
      onClick={() => copy(text)}
    />
  );
}

/** A short text as it is, with a button that copies it. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useClipboard({ timeout: 2000 });
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: "0.25rem" }}>
      <code className="tp-mono">{text}</code>
      <CopyIcon
        copied={copied}
        className="tp-no-print"
        aria-label={`Copy ${label}`}
        title={copied ? "Copied" : `Copy ${label}`}
        onClick={() => copy(text)}
      />
      <span role="status" style={{ position: "absolute", clipPath: "inset(50%)" }}>
        {copied ? "Copied" : ""}
      </span>
    </span>
  );
}

function CopyIcon({
  copied,
  ...props
}: ActionIconProps & { copied: boolean; "aria-label": string; title: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={24} {...props}>
      {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
    </ActionIcon>
  );
}
