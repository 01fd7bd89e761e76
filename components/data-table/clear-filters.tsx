"use client";

import { IconX } from "@tabler/icons-react";
import { useFocusLeft } from "../feedback/use-focus-left.ts";
import { ButtonLink } from "../navigation/button-link.tsx";

/** Leads to the list without any filter. Stands at the end of the toolbar as soon as there is one. */
export function ClearFilters({ href }: { href: string }) {
  const around = useFocusLeft<HTMLSpanElement>();
  return (
    <span ref={around} style={{ display: "contents" }}>
      <ButtonLink
        href={href}
        variant="subtle"
        color="gray"
        leftSection={<IconX size={15} aria-hidden />}
        px="xs"
      >
        Clear filters
      </ButtonLink>
    </span>
  );
}
