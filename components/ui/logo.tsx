/** The mark, with the product's name beside it. */
export function Logo({ withName = true }: { withName?: boolean }) {
  return (
    <span
      style={{
        display: "inline-flex",
        alignItems: "center",
        gap: "0.5rem",
        fontWeight: 650,
        letterSpacing: "-0.01em",
      }}
    >
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" fill="#3650cf" />
        <path
          d="M16 5.5 25 9v6.6c0 5.4-3.6 9.2-9 10.9-5.4-1.7-9-5.5-9-10.9V9z"
          fill="none"
          stroke="#fff"
          strokeWidth="2.2"
          strokeLinejoin="round"
        />
        <path
          d="m11.8 16 3 3 5.6-6"
          fill="none"
          stroke="#fff"
          strokeWidth="2.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      {withName ? "TenantPilot" : null}
    </span>
  );
}
