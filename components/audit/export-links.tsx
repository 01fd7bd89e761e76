"use client";

import { Button, Group } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";

/** Downloads what the list with its present filters shows, all pages of it. */
export function ExportLinks({ csv, json }: { csv: string; json: string }) {
  return (
    <Group gap="xs">
      {[
        { href: csv, label: "Export CSV" },
        { href: json, label: "Export JSON" },
      ].map(({ href, label }) => (
        <Button
          key={label}
          component="a"
          href={href}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}
