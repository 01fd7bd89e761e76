import { IconArchive } from "@tabler/icons-react";
import { Badge } from "./badge.tsx";

/** A tenant that is read-only, and not backed up. */
export function ArchivedBadge() {
  return (
    <Badge tone="neutral" icon={<IconArchive size={12} aria-hidden />} close>
      Archived
    </Badge>
  );
}
