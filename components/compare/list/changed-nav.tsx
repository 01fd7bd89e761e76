"use client";

import { Button } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useNeighborKeys } from "#components/keyboard/use-neighbor-keys.ts";
import { Link } from "#components/navigation/link";
import { useNavigate } from "#components/navigation/navigation";
import classes from "./changed-nav.module.css";

interface Neighbor {
  name: string;
  href: string;
}

/** Walks through the changed policies of a comparison: by button, or with `j` and `k`. */
export function ChangedNav({
  position,
  total,
  previous,
  next,
}: {
  /** Counted from 1. */
  position: number;
  total: number;
  previous: Neighbor | null;
  next: Neighbor | null;
}) {
  const navigate = useNavigate();
  useNeighborKeys((direction) => {
    const to = direction === "next" ? next : previous;
    if (to) navigate(to.href);
    return to !== null;
  });
  return (
    <nav aria-label="Changed policies" className={classes.root}>
      <span className={classes.words}>
        {position} of {total} changed
      </span>
      <Step to={previous} label="Previous" keyName="k">
        <IconChevronLeft size={16} aria-hidden />
      </Step>
      <Step to={next} label="Next" keyName="j">
        <IconChevronRight size={16} aria-hidden />
      </Step>
    </nav>
  );
}

function Step({
  to,
  label,
  keyName,
  children,
}: {
  to: Neighbor | null;
  label: string;
  keyName: string;
  children: React.ReactNode;
}) {
  const shared = { variant: "default", size: "sm", px: "xs", "aria-keyshortcuts": keyName } as const;
  if (!to) {
    return (
      <Button {...shared} disabled aria-label={`${label} changed policy`}>
        {children}
      </Button>
    );
  }
  return (
    <Button
      {...shared}
      component={Link}
      href={to.href}
      aria-label={`${label} changed policy: ${to.name}`}
      title={`${to.name} (${keyName})`}
    >
      {children}
    </Button>
  );
}
