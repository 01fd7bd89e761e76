/** What is left of an action's parameters once its tenant is known. */
type ForTenant<A> = A extends (tenantId: number, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** The server actions of a file, bound to a tenant, under their names. */
export function forTenant<A extends Record<string, (tenantId: number, ...rest: never[]) => unknown>>(
  tenantId: number,
  actions: A,
): { [K in keyof A]: ForTenant<A[K]> } {
  return Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [name, action.bind(null, tenantId)]),
  ) as { [K in keyof A]: ForTenant<A[K]> };
}
