import { Skeleton, Stack } from "@mantine/core";

/** The shape of a list page while its data is on the way. */
export function PageSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading">
      <Stack gap="lg">
        <Skeleton height={28} width="14rem" />
        <Stack gap={8}>
          <Skeleton height={36} />
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
            <Skeleton key={row} height={44} />
          ))}
        </Stack>
      </Stack>
    </div>
  );
}
