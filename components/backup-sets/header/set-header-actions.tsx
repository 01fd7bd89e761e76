"use client";

import { Button } from "@mantine/core";
import {
  IconDots,
  IconDownload,
  IconFileText,
  IconGitCompare,
  IconPin,
  IconPinnedOff,
  IconShieldSearch,
} from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { BaselineActions } from "#components/drift/actions.ts";
import { BaselineButton } from "#components/drift/baseline-button";
import type { BaselineChoice } from "#components/drift/baseline-dialog";
import { MenuButton } from "#components/menu/menu-button";
import { ButtonLink } from "#components/navigation/button-link";
import { bytesText } from "#components/ui/bytes.ts";
import { canIn, type Standing } from "#lib/access/permissions";
import type { ListedBackupSet } from "#lib/sets/schema";
import type { SetActions } from "../actions.ts";
import { UnbinButton } from "../unbin-button.tsx";
import { useSetActs } from "../use-set-acts.tsx";
import classes from "./set-header-actions.module.css";

const loadMenu = () => import("./set-header-menu.tsx").then((module) => module.SetHeaderMenu);
const RemoveDialog = dynamic(() => import("../set-dialogs.tsx").then((module) => module.RemoveDialog), {
  ssr: false,
});

const DocumentDialog = dynamic(
  () => import("../document-dialog.tsx").then((module) => module.DocumentDialog),
  {
    ssr: false,
  },
);

/** What one can do with the backup set whose page this is, for the roles that may. */
export function SetHeaderActions({
  set,
  viewer,
  actions,
  baseline,
}: {
  set: ListedBackupSet;
  viewer: Standing;
  actions: SetActions;
  /** Null for roles that may not choose one. */
  baseline: { choice: BaselineChoice; set: BaselineActions["set"] } | null;
}) {
  const { pending, verify, pin, remove } = useSetActs(set, actions);
  const [removing, setRemoving] = useState(false);
  const [documenting, setDocumenting] = useState(false);
  const href = `/tenants/${set.tenant_id}/backup-sets/${set.id}`;
  const binned = set.deleted_at !== null;
  const files = set.item_count === 1 ? "1 file" : `${set.item_count} files`;
  const cannotRemove = set.pinned_at
    ? "Pinned: unpin it first"
    : set.is_last_complete
      ? "The last complete set is never removed"
      : null;
  return (
    <>
      {binned && canIn(viewer, "set:remove") ? (
        <UnbinButton set={set} restore={actions.restore} size="sm" />
      ) : null}
      {set.previous_set_id !== null ? (
        <ButtonLink
          href={`${href}/compare`}
          variant="default"
          leftSection={<IconGitCompare size={16} aria-hidden />}
        >
          Compare with the one before
        </ButtonLink>
      ) : null}
      {canIn(viewer, "set:verify") ? (
        <Button
          variant="default"
          leftSection={<IconShieldSearch size={16} aria-hidden />}
          loading={pending}
          onClick={verify}
        >
          Verify now
        </Button>
      ) : null}
      {canIn(viewer, "set:pin") && !binned ? (
        <Button
          variant="default"
          leftSection={
            set.pinned_at ? <IconPinnedOff size={16} aria-hidden /> : <IconPin size={16} aria-hidden />
          }
          loading={pending}
          onClick={() => pin(set.pinned_at === null)}
        >
          {set.pinned_at ? "Unpin" : "Pin"}
        </Button>
      ) : null}
      {baseline && !binned && set.item_count > 0 ? (
        <BaselineButton choice={{ ...baseline.choice, setId: set.id }} set={baseline.set}>
          Make it the baseline…
        </BaselineButton>
      ) : null}
      {canIn(viewer, "set:export") ? (
        <Button
          component="a"
          href={`/api${href}/export`}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          title={`${files} and manifest.json with their hashes; ${bytesText(set.bytes_logical)} before compression`}
        >
          Export ZIP
          <span className={classes.aside}>
            {files}, {bytesText(set.bytes_logical)}
          </span>
        </Button>
      ) : null}
      {canIn(viewer, "set:export") ? (
        <Button
          variant="default"
          leftSection={<IconFileText size={16} aria-hidden />}
          onClick={() => setDocumenting(true)}
        >
          Document…
        </Button>
      ) : null}
      {canIn(viewer, "set:remove") && !binned ? (
        <MenuButton
          size="lg"
          bordered
          aria-label="More actions"
          load={loadMenu}
          menu={{ cannotRemove, remove: () => setRemoving(true) }}
        >
          <IconDots size={17} aria-hidden />
        </MenuButton>
      ) : null}
      {documenting ? <DocumentDialog set={set} onClose={() => setDocumenting(false)} /> : null}
      {removing ? (
        <RemoveDialog
          set={set}
          onClose={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            remove();
          }}
        />
      ) : null}
    </>
  );
}
