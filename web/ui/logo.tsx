/** Pulih's mark: a ring that closes again around its centre. Decoration beside the bank's name. */
export function Logo(props: { readonly size?: number }) {
  const size = props.size ?? 32;
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 48 48"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d="M24 7a17 17 0 1 1-17 17"
        fill="none"
        stroke="currentColor"
        stroke-width="5.5"
        stroke-linecap="round"
        opacity=".75"
      />
      <circle cx="24" cy="24" r="6.5" fill="currentColor" />
    </svg>
  );
}
