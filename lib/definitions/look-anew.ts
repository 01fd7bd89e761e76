/**
 * All of a tenant's snapshots are looked through for settings again after so many days: what Microsoft did not know then, it may know
 * now, and what it has renamed is asked for once it is stale.
 */
export const lookAnewDays = 7;
